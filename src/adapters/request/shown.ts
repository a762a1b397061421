import { MisuseError } from '../../errors.ts'
import type { Sessions } from '../../sessions/create-sessions.ts'
import { assignedSession, foreignSession, refuseSameCookie } from './mistakes.ts'
import type { PlainSession } from './plain-session.ts'
import type { RequestSession } from './request-session.ts'
import { onlyName, type SessionName } from './session-name.ts'

/** A session that a handler finds, whatever its values and its host are. */
export type AnySession = RequestSession<object, never>

type Holder = { [slot: symbol]: AnySession | undefined; session?: unknown }

/**
 * The object on which handlers of a framework find the session of a request: its property `session`. `called`: how a handler says
 * it, such as `event.context.session`.
 */
export class Shown {
  readonly #name: SessionName
  readonly #slot: symbol
  readonly #property: PropertyDescriptor
  readonly #isKept: (holder: object) => boolean

  /** `isKept`: the handler's answer is kept for all who show the same cookie. Throws where handlers must not have a session. */
  constructor(called: string, isKept: (holder: object) => boolean = () => false) {
    const name = onlyName(called)
    this.#name = name
    this.#isKept = isKept
    // Of every copy of this code (across-copies.ts): each finds what another one did to a request.
    const slot = Symbol.for(`untorn.${called}`)
    this.#slot = slot
    // Not enumerable: whoever copies or logs the object does not mean to open its session.
    this.#property = {
      get(this: Holder) {
        return isKept(this) ? this[slot]!.kept : this[slot]!.plain
      },
      set() {
        throw assignedSession(name)
      },
      configurable: true,
    }
  }

  /** The session that is shown already. */
  on(holder: object): AnySession | undefined {
    return (holder as Holder)[this.#slot]
  }

  /** Shows a session, in the place of one of other sessions. Throws {@link MisuseError} where another library's is there. */
  show(holder: object, session: AnySession): void {
    const slots = holder as Holder
    if (slots[this.#slot] === undefined && slots.session !== undefined) {
      throw foreignSession(this.#name)
    }
    Object.defineProperty(holder, this.#slot, { value: session, writable: true, configurable: true })
    Object.defineProperty(holder, 'session', this.#property)
  }

  /** Throws {@link MisuseError} where the session of a mount further out has the same cookie. */
  refuseSameCookie(sessions: Pick<Sessions, 'cookie'>, outer: AnySession): void {
    refuseSameCookie(sessions, outer, this.#name)
  }

  /** The session with the type that its values have. Throws {@link MisuseError} where there is none; `mount`: how there is one. */
  of<Data extends object>(holder: unknown, mount: string): PlainSession<Data> {
    const session = typeof holder === 'object' && holder !== null ? this.on(holder) : undefined
    if (session !== undefined) {
      return (this.#isKept(holder as object) ? session.kept : session.plain) as unknown as PlainSession<Data>
    }
    throw new MisuseError(
      `There is no \`${this.#name.written}\`. Write ${mount} in front of what asks for it, and give the event that it has seen.`,
    )
  }
}
