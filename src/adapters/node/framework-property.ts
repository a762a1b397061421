import { MisuseError } from '../../errors.ts'
import { assignedSession } from '../request/mistakes.ts'
import type { PlainSession } from '../request/plain-session.ts'
import { type SessionName, sessionName } from '../request/session-name.ts'
import { INNERMOST, innermostOn } from '../request/sessions-on.ts'
import type { FrameworkSession } from './framework-session.ts'
import { slotOf } from './property.ts'

type Kept<Req> = { [slot: symbol]: FrameworkSession<object, Req> | null | undefined }

/**
 * Gives a framework's own request a session: beside those that it has, and by `slot`, of the name that it is shown by, in the place of
 * one of a mount further out.
 */
export function keepShown<Data extends object, Req extends object>(
  request: Req,
  slot: symbol,
  session: FrameworkSession<Data, Req>,
): FrameworkSession<object, Req> {
  const keeps = request as Kept<Req>
  const kept = session as unknown as FrameworkSession<object, Req>
  kept.outer = innermostOn(request)
  keeps[INNERMOST] = kept
  keeps[slot] = kept
  return kept
}

/** The name that sessions are shown by. */
export interface ShownName extends SessionName {
  /** What handlers call the request. */
  readonly of: string
  /** Where a request keeps the session that it shows by it. */
  readonly slot: symbol
}

/** Throws `InvalidOptionError`. Whether requests have something else of that name, the framework says. */
export function shownName(of: string, as?: unknown): ShownName {
  const name = sessionName(of, as)
  return { ...name, of, slot: slotOf(name) }
}

/** What the property of a request does that shows a session. */
export interface ShownBy {
  getter(this: object): PlainSession
  setter(this: object, value: unknown): never
}

/** A property of this name that shows the session of a request. */
export function shownBy(name: ShownName): ShownBy {
  return {
    getter() {
      return shownOn(this, name)
    },
    setter() {
      throw assignedSession(name)
    },
  }
}

/** The session that a framework's request shows as `as`. `of`: what handlers call it. Throws {@link MisuseError} where there is none. */
export function sessionShown<Data extends object>(
  request: object,
  as: string,
  of: string,
): PlainSession<Data> {
  return shownOn<Data>(request, shownName(of, as))
}

function shownOn<Data extends object>(
  request: object,
  { slot, own, of, written }: ShownName,
): PlainSession<Data> {
  const session = (request as Kept<never>)[slot]
  if (session) return session.plain as unknown as PlainSession<Data>
  const how = own === undefined ? '`sessions()`' : `\`sessions({ as: '${own}' })\``
  throw new MisuseError(
    `This request has no \`${written}\`. Mount ${how} in front of what asks for it, and give the ${of} that it has seen.`,
  )
}
