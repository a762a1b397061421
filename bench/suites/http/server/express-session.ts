import { createRequire } from 'node:module'
import type { RequestHandler } from 'express'
import {
  connectPgSimple,
  connectRedis,
  peerFileStore,
  peerMemoryStore,
} from '../../../candidates/express-session.ts'
import type { PeerKeeping } from '../candidates.ts'

// It has no types here: what the bench calls of it, by its shape.
const require = createRequire(import.meta.url)

type ExpressSession = (options: {
  store: unknown
  secret: string
  resave: false
  saveUninitialized: false
}) => RequestHandler

/** As the documentation recommends it, with the store's own defaults; `rolling` is off by default. */
export async function expressSessionWith(
  keeping: PeerKeeping,
  directory: string,
  url: string | undefined,
): Promise<RequestHandler> {
  const expressSession = require('express-session') as ExpressSession
  // In production MemoryStore says that it is not for that. The notes do too.
  if (keeping === 'memory') console.warn = () => {}
  const store = await storeOf(keeping, directory, url!)
  return expressSession({ store, secret: 'of the bench', resave: false, saveUninitialized: false })
}

function storeOf(keeping: PeerKeeping, directory: string, url: string): unknown {
  switch (keeping) {
    case 'memory':
      return peerMemoryStore()
    case 'session-file-store':
      return peerFileStore(directory)
    case 'connect-redis':
      return redisStore(url)
    case 'connect-pg-simple':
      return postgresStore(url)
  }
}

async function redisStore(url: string): Promise<unknown> {
  const { createClient } = await import('redis')
  const client = createClient({ url })
  await client.connect()
  return connectRedis(client)
}

async function postgresStore(connectionString: string): Promise<unknown> {
  const { default: pg } = await import('pg')
  return connectPgSimple(new pg.Pool({ connectionString }))
}
