import type { IncomingMessage } from 'node:http'
import { forwardedHttps } from '../request/forwarded.ts'

/** As servers have it, and what stands in for one in the clouds. */
type Connected = IncomingMessage & { secure?: boolean; connection?: { encrypted?: boolean } }

/** Whether a request came over https, by the option `proxy`: `undefined` leaves it to Express and its 'trust proxy'. */
export function isHttps(req: IncomingMessage, proxy: boolean | undefined): boolean {
  const { connection, secure, headers } = req as Connected
  if (connection?.encrypted) return true
  if (proxy === false) return false
  if (proxy !== true) return secure === true
  return forwardedHttps(headers['x-forwarded-proto']) === true
}
