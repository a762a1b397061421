import type { MaybePromise } from '../../contract/wait.ts'

/** A header of a request, by its name in small letters. */
export type RequestHeader = (name: string) => string | readonly string[] | null | undefined

/** What a session has to know of the framework that serves its request; `Req` is a request as that has it. */
export interface Framework<Req> {
  /** The request's `Cookie` header. */
  cookieOf(req: Req): string | undefined
  /** Any of its headers. */
  headerOf(req: Req): RequestHeader
  /** The request's method as the client sent it, such as `GET`. */
  methodOf(req: Req): string | undefined
  /** Whether the request came over https; `undefined`: nobody here can tell. */
  isSecure(req: Req): boolean | undefined
  /** A cookie is set, and the request did not come over https as far as the framework knows. */
  onInsecureCookie(req: Req): void
}

/** What a handler can ask for in so many words. */
export type Explicit = 'save' | 'begin' | 'login' | 'regenerate' | 'confirm' | 'destroy' | 'reload'

/** Who holds the session of a request, and knows what becomes of its changes. */
export interface SessionHost {
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
