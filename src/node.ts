export type { Callback } from './adapters/node/callback.ts'
export {
  type NodeRequest,
  type NodeResponse,
  type NodeSessions,
  type NodeSessionsOptions,
  type NoResponse,
  sessions,
  type WithSession,
} from './adapters/node/middleware.ts'
export type { PlainSession } from './adapters/node/plain-session.ts'
export type { SessionCookie } from './adapters/node/session-cookie.ts'
export type { SessionMethods } from './adapters/node/session-methods.ts'
export type { SessionsSource } from './adapters/node/sessions-of.ts'
