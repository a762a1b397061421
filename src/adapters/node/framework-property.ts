import { MisuseError } from '../../errors.ts'
import { asText } from '../../options/checks.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import type { PlainSession } from '../request/plain-session.ts'
import type { FrameworkSession } from './framework-session.ts'

/**
 * What a framework's own request keeps its sessions in: one by the name that it is shown by, and by this symbol the one that it
 * got last, which leads to those of before. Every copy of this code has the same symbols (across-copies.ts).
 */
export const INNERMOST = Symbol.for('untorn.innermost')

type Kept<Req> = { [slot: symbol]: FrameworkSession<object, Req> | null | undefined }

/** The sessions of a request, the one that it got last first. */
export function* sessionsOn<Req extends object>(request: Req): Generator<FrameworkSession<object, Req>> {
  let session = (request as Kept<Req>)[INNERMOST] ?? undefined
  for (; session !== undefined; session = session.outer) yield session
}

/** The one of them that is of these sessions. */
export function sessionOn<Req extends object>(
  request: Req,
  sessions: object,
): FrameworkSession<object, Req> | undefined {
  // The only one, most often.
  let session = (request as Kept<Req>)[INNERMOST] ?? undefined
  while (session !== undefined && !session.isOf(sessions)) session = session.outer
  return session
}

/** Gives a request a session. `slot`: of the name that it is shown by, where it takes the place of one of a mount further out. */
export function keepOn<Data extends object, Req extends object>(
  request: Req,
  slot: symbol,
  session: FrameworkSession<Data, Req>,
): FrameworkSession<object, Req> {
  const keeps = request as Kept<Req>
  const kept = session as unknown as FrameworkSession<object, Req>
  kept.outer = keeps[INNERMOST] ?? undefined
  keeps[INNERMOST] = kept
  keeps[slot] = kept
  return kept
}

/** Throws {@link MisuseError} where a mount further out has its session under the same cookie. `where`: how it is mounted. */
export function refuseSameCookie(
  { cookie: { name, path } }: Pick<Sessions, 'cookie'>,
  others: Iterable<Pick<Sessions, 'cookie'>>,
  where: string,
): void {
  for (const { cookie } of others) {
    if (cookie.name !== name || cookie.path !== path) continue
    throw new MisuseError(
      `sessions() is ${where} twice, each time for the cookie "${name}" of the path ${path}. For one session make \`const ` +
        'shared = createSessions(...)`, and use `sessions({ sessions: shared })` in both places. For two give one of them a ' +
        'cookie of its own, `cookie: { name: ... }`, and `as` if both are to be at hand.',
    )
  }
}

/** The name that sessions are shown by. */
export interface ShownName {
  readonly as: string
  /** The same, of another one than `session`. */
  readonly own: string | undefined
  /** Where a request keeps the session that it shows by it. */
  readonly slot: symbol
}

/** Throws `InvalidOptionError`. Whether requests have something else of that name, the framework says. */
export function shownName(as: unknown = 'session'): ShownName {
  const name = asText('as', as)
  const isUsual = name === 'session'
  const slot = Symbol.for(isUsual ? 'untorn.request' : `untorn.request.${name}`)
  return { as: name, own: isUsual ? undefined : name, slot }
}

/** What the property of a request does that shows a session. `of`: what handlers call that request. */
export interface ShownBy {
  getter(this: object): PlainSession
  setter(this: object, value: unknown): never
}

/** A property `as` that shows the session of a request. */
export function shownAs(as: string, of: string): ShownBy {
  return {
    getter() {
      return sessionShown(this, as, of)
    },
    setter() {
      throw new MisuseError(
        `\`${of}.${as}\` can't be assigned. To end the session call \`await ${of}.${as}.destroy()\`, to empty it ` +
          `\`${of}.${as}.clear()\`.`,
      )
    },
  }
}

/** The session that a framework's request shows as `as`. Throws {@link MisuseError} where there is none. */
export function sessionShown<Data extends object>(
  request: object,
  as: string,
  of: string,
): PlainSession<Data> {
  const session = (request as Kept<never>)[shownName(as).slot]
  if (session) return session.plain as unknown as PlainSession<Data>
  const how = as === 'session' ? '`sessions()`' : `\`sessions({ as: '${as}' })\``
  throw new MisuseError(
    `This request has no \`${of}.${as}\`. Mount ${how} in front of what asks for it, and give the ${of} that it has seen.`,
  )
}
