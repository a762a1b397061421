import type { MaybePromise } from '../../contract/wait.ts'
import type { Session } from '../../session/session.ts'
import type { AnyData } from '../../values/data.ts'

/** What a handler can ask for in so many words. */
export type Explicit = 'save' | 'regenerate' | 'destroy' | 'reload'

/** What the methods need of the request that the session belongs to. */
export interface SessionOwner<Data extends object = AnyData> {
  readonly core: Session<Data>
  /** Said before a value is changed: it may be too late for it. */
  beforeChange(): void
  /** Runs what saves or drops changes because the handler asks for it in so many words. Throws `MisuseError`. */
  explicitly(what: Explicit, work: () => MaybePromise<void>): MaybePromise<void>
  /** The promise of such work is the handler's now, who may never look at it. */
  unwatched(work: Promise<unknown>): void
  /** The handler has got this error of such work. */
  told(error: unknown): void
  /** Nobody waits for what failed with this error, and nothing tries it again. */
  unheard(error: unknown): void
  /** What is to be saved is saved before an answer leaves, without being asked for. */
  readonly commitFollows: boolean
}
