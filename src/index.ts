export { type CopyOptions, type CopyProgress, copySessions } from './copy/copy.ts'
export { type MoveOptions, type MoveProgress, moveSessions } from './copy/move.ts'
export {
  type Difference,
  type Verified,
  type VerifyOptions,
  type VerifyProgress,
  verifySessions,
} from './copy/verify.ts'
export {
  CookieTooLargeError,
  InvalidOptionError,
  MisuseError,
  NotSerialisableError,
  SessionConflictError,
  SessionGoneError,
  SessionTooLargeError,
  StoreBusyError,
  StoreConfigError,
  StoreUnavailableError,
  UntornError,
} from './errors.ts'
export { isSessionKey, type SessionKey, sessionKey } from './record/key.ts'
export type { NewRecord, SessionChange, SessionRecord } from './record/record.ts'
export type { MaybePromise } from './record/steps.ts'
export type { AnyData, KeyOf } from './session/data.ts'
export type { Duration } from './session/duration.ts'
export { counter, type Merge, union } from './session/merge.ts'
export type { Serializer } from './session/serialise.ts'
export { Session } from './session/session.ts'
export { createSessions, type RequestContext, type Sessions } from './sessions/create-sessions.ts'
export type { OnEvent, SessionEvent } from './sessions/events.ts'
export type { CookieOptions, SessionsOptions } from './sessions/options.ts'
export { presets } from './sessions/presets.ts'
export type {
  ClearExpiredOptions,
  Progress,
  SaveOptions,
  SaveResult,
  SessionStore,
  Swept,
} from './store.ts'
export { type MovingOptions, type MovingStore, moving } from './stores/moving/moving.ts'
