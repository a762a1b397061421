// One of two servers over the same sessions: prints its port, and ends with the process that started it.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { createClient } from 'redis'
import { createSessions, type SessionStore } from 'untorn'
import { fileStore } from 'untorn/file'
import { sessions } from 'untorn/node'
import { postgresStore } from 'untorn/postgres'
import { redisStore } from 'untorn/redis'
import { application } from '../application.ts'

const [place, limit] = process.argv.slice(2) as [string, string]
const options = { store: await openStore(place), ...JSON.parse(limit) }
const server = createServer(application({ createSessions, sessions }, options)).listen(0, '127.0.0.1')
await once(server, 'listening')
console.log((server.address() as AddressInfo).port)
process.stdin.resume().on('end', () => process.exit())

/** @param place - a directory, or the URL of a server */
async function openStore(place: string): Promise<SessionStore> {
  if (place.startsWith('redis:')) {
    const client = createClient({ url: place }).on('error', (error) => console.error(error.message))
    return redisStore({ client: await client.connect() })
  }
  if (place.startsWith('postgres:'))
    return postgresStore({ pool: new pg.Pool({ connectionString: place }), sweepEvery: 0 })
  return fileStore(place, { sweepEvery: 0 })
}
