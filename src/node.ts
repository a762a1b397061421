import { type NodeSessions, type NodeSessionsOptions, nodeSessions } from './adapters/node/middleware.ts'
import { defaultStore } from './stores/file/default-store.ts'
import type { AnyData } from './values/data.ts'

export type {
  NodeRequest,
  NodeResponse,
  NodeSessions,
  NodeSessionsOptions,
  NoResponse,
  WithSession,
} from './adapters/node/middleware.ts'
export { sessionOf } from './adapters/node/property.ts'
export * from './adapters/request/session-types.ts'

/**
 * Sessions for `node:http`.
 *
 * ```ts
 * const session = sessions<{ views: number }>({ store: fileStore('./.sessions') })
 * const server = createServer(
 *   session((req, res) => {
 *     req.session.views = (req.session.views ?? 0) + 1
 *     res.end(`${req.session.views} views`)
 *   }),
 * )
 * ```
 *
 * With `{ sessions }` it serves what `createSessions` has made, which others can use as well. Where the store fails and
 * there is no `next`, the answer is a plain 503, and the event `error` tells why (the first time a warning as well). Throws
 * what `createSessions` throws.
 */
export function sessions<Data extends object = AnyData, As extends string = 'session'>(
  options: NodeSessionsOptions<Data, As> = {},
): NodeSessions<Data, As> {
  return nodeSessions<Data, As>(options, defaultStore)
}
