import type { SessionKey } from '../../contract/key.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { MisuseError } from '../../errors.ts'
import type { SessionState } from '../../session/state.ts'
import type { AnyData } from '../../values/data.ts'
import type { SessionHost } from './host.ts'
import { type PlainSession, plainSession } from './plain-session.ts'
import { SessionMethods } from './session-methods.ts'

/**
 * What a handler is shown of a session whose answer is kept for all who show the same cookie: what is stored under that cookie, to be
 * read. What begins with this request is of one visitor alone, and whoever comes without a cookie would be given it.
 *
 * `opened`: what was stored under the request's cookie. Throws {@link MisuseError} for a session that the cookie does not lead to.
 */
export function keptView<Data extends object>(
  state: SessionState,
  opened: SessionKey | undefined,
  host: SessionHost,
): PlainSession<Data> {
  const { lastStored, renewed, hasContent } = state
  const isOfCookie = lastStored !== undefined && lastStored.key === opened && !renewed
  const isNobodys = lastStored === undefined && !hasContent
  if (!isOfCookie && !isNobodys) {
    throw refusal('the session began with this request, or has got another id since')
  }
  return plainSession<Data>(new KeptMethods<Data>(state, new KeptHost(host)))
}

class KeptMethods<Data extends object = AnyData> extends SessionMethods<Data> {
  /** Made when it is asked for where there is none: the session that begins behind would have it. */
  override get id(): string {
    if (this.isNew) throw refusal('the session has no id that is stored')
    return super.id
  }

  override take(): never {
    throw refusal('it takes a value out of the session')
  }

  override flashes(): never {
    throw refusal('it takes a value out of the session')
  }
}

class KeptHost implements SessionHost {
  /** Nothing that is changed here is to be saved. */
  readonly commitFollows = false
  readonly #host: SessionHost

  constructor(host: SessionHost) {
    this.#host = host
  }

  beforeChange(): never {
    throw refusal('it changes the session')
  }

  explicitly(): MaybePromise<void> {
    throw refusal('it changes the session')
  }

  /** No commit tries it again: a handler that does not look at it would take it for done. */
  unwatched(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#host.unheard(error))
  }

  told(error: unknown): void {
    this.#host.told(error)
  }

  unheard(error: unknown): void {
    this.#host.unheard(error)
  }
}

function refusal(why: string): MisuseError {
  return new MisuseError(
    `A handler whose answer is kept can only read a session, and one that the request's cookie leads to; here ${why}. The answer ` +
      'would be given to others. Do it in a handler whose answer is not kept.',
  )
}
