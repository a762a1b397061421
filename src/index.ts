import { createSessionsOver, type Sessions } from './sessions/create-sessions.ts'
import type { SessionsOptions } from './sessions/options.ts'
import { defaultStore } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export { isNoSession, isSessionKey, type SessionKey, sessionKey } from './contract/key.ts'
export type { NewRecord, SessionChange, SessionRecord } from './contract/record.ts'
export type { SessionSource } from './contract/source.ts'
export type {
  ClearExpiredOptions,
  GoneBecause,
  LoadOptions,
  Progress,
  RecordsOptions,
  SaveOptions,
  SaveResult,
  SessionStore,
  Swept,
} from './contract/store.ts'
export type { MaybePromise } from './contract/wait.ts'
export type { AcceptedCookieOptions, CookieOptions, FormerCookieOptions } from './cookie/options.ts'
export {
  CookieTooLargeError,
  ForeignOriginError,
  FreshLoginRequiredError,
  InvalidOptionError,
  MisuseError,
  NotSerialisableError,
  SessionConflictError,
  SessionGoneError,
  SessionTooLargeError,
  SignInRevokedError,
  StoreBusyError,
  StoreConfigError,
  StoreUnavailableError,
  TooManySessionsError,
  UntornError,
} from './errors.ts'
export type { Duration } from './options/duration.ts'
export type { ClearSiteData } from './session/clearable.ts'
export type { Device, Listed } from './session/devices.ts'
export type { OnEnd, SessionEnd } from './session/ends.ts'
export type { OnEvent, SessionEvent } from './session/events.ts'
export type { OnceOptions } from './session/once-options.ts'
export type { RequestContext } from './session/request-context.ts'
export type { Session } from './session/session.ts'
export type { SetOptions } from './session/set-options.ts'
export type { LoginOptions } from './session/sign-in-options.ts'
export type { SessionView } from './session/view.ts'
export type { Sessions } from './sessions/create-sessions.ts'
export type { SessionsOptions } from './sessions/options.ts'
export { presets } from './sessions/presets.ts'
export type { AnyData, KeyOf } from './values/data.ts'
export { counter, type Merge, union } from './values/merge.ts'
export type { Serializer } from './values/serializer.ts'

/**
 * Sessions, in files under `./.sessions` if no `store` is named. Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for
 * an option that can't be used, `CookieTooLargeError` (`UNTORN_COOKIE_TOO_LARGE`), and what the store throws where it is set
 * up.
 *
 * ```ts
 * const sessions = createSessions<{ views: number }>({ idleTimeout: '1h' })
 * const session = await sessions.open(request.headers.cookie, { secure: true })
 * const views = session.update('views', (n = 0) => n + 1)
 * const setCookie = await session.commit()
 * ```
 */
export function createSessions<Data extends object = AnyData>(
  options: SessionsOptions<Data> = {},
): Sessions<Data> {
  return createSessionsOver<Data>(options, defaultStore)
}
