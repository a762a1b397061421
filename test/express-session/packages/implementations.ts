import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { createClient } from 'redis'
import { afterAll, test } from 'vitest'
import dropIn, { untornStore } from '../../../src/express-session.ts'
import { fileStore } from '../../../src/file.ts'
import type { SessionStore } from '../../../src/index.ts'
import { redisStore } from '../../../src/redis.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { startRedis } from '../../support/servers/redis.ts'

const require = createRequire(import.meta.url)

export type Middleware = (request: object, response: object, next: (error?: unknown) => void) => void

/** express-session, or what takes its place, as packages get it. */
export interface Session {
  (options: object): Middleware
  MemoryStore: new () => object
}

/** One way to have sessions. */
export interface Implementation {
  name: string
  /** Whether overlapping requests lose each other's changes, as express-session's do. */
  tears: boolean
  session: Session
  /** Opens a store for one application, as the middleware takes it. */
  open(): object
  /** The same as an express-session Store, for what has no middleware of express-session. */
  asStore(store: object): object
}

/** express-session, and untorn in its place. */
export function both(): [Implementation, Implementation] {
  const real: Session = require('express-session')
  return [
    {
      name: 'express-session',
      tears: true,
      session: real,
      open: () => new real.MemoryStore(),
      asStore: (store) => store,
    },
    {
      name: 'untorn/express-session',
      tears: false,
      session: dropIn as unknown as Session,
      open: () => fileStore(temporaryDirectory()),
      asStore: (store) => untornStore(store as SessionStore),
    },
  ]
}

/** Those two, and both over Redis: untorn's middleware, and express-session with `untornStore`. */
export async function four(): Promise<Implementation[]> {
  const two = both()
  const { server, missing } = await startRedis()
  if (missing !== undefined) {
    if (process.env.CI) throw new Error(missing)
    test.skip(`sessions in Redis (${missing})`)
    return two
  }
  const client = await createClient({ url: server.url })
    .on('error', () => {})
    .connect()
  afterAll(async () => {
    client.destroy()
    await server.stop()
  })
  const open = () => redisStore({ client, prefix: `${randomUUID()}:` })
  const [real, untorn] = two
  return [
    ...two,
    { ...untorn, name: 'untorn/express-session with Redis', open },
    { ...real, name: 'express-session with untornStore', tears: false, open: () => untornStore(open()) },
  ]
}
