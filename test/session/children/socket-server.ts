// A server whose sockets stay open until their session ends, and are then told why: prints its port. Its sessions are in a
// directory, or on the server of a URL.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import pg from 'pg'
import { createClient } from 'redis'
import type { SessionStore } from 'untorn'
import { fileStore } from 'untorn/file'
import { sessions } from 'untorn/node'
import { postgresStore } from 'untorn/postgres'
import { redisStore } from 'untorn/redis'

const HEAD = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n'

const [place] = process.argv.slice(2) as [string]
const session = sessions({ store: await openStore(place) })
const server = createServer()
server.on('upgrade', async (req: IncomingMessage, socket: Duplex) => {
  const opened = await session(req, {})
  const stop = opened.session.onEnd(({ why }) => void socket.end(`ended: ${why}`))
  socket.on('close', stop)
  socket.write(`${HEAD}hello ${opened.session.user}, `)
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
console.log((server.address() as AddressInfo).port)
process.stdin.resume().on('end', () => process.exit())

async function openStore(place: string): Promise<SessionStore> {
  if (place.startsWith('redis:')) {
    return redisStore({ client: await createClient({ url: place }).on('error', console.error).connect() })
  }
  if (place.startsWith('postgres:')) {
    const pool = new pg.Pool({ connectionString: place }).on('error', console.error)
    return postgresStore({ pool, sweepEvery: 0 })
  }
  return fileStore(place, { sweepEvery: 0 })
}
