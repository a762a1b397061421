import { startServer } from './redis-server.ts'
import type { ServerOptions, Started } from './throw-away.ts'

/**
 * A Redis on the loopback that writes nothing to the disk (`save ""`, `appendonly no`), and has its defaults else; with
 * the option `data` it keeps everything there (`appendonly yes`, `appendfsync always`).
 */
export function startRedis(options: ServerOptions = {}): Promise<Started> {
  return startServer('redis-server', options)
}

/** The same of Valkey. */
export function startValkey(options: ServerOptions = {}): Promise<Started> {
  return startServer('valkey-server', options)
}
