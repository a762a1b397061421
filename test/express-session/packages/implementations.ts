import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { afterAll, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
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

const same = (store: object) => store

const dropInPath = '../../../src/express-session.ts'
const dropIn: { default: Session; untornStore: (store: object) => object } | undefined = existsSync(
  fileURLToPath(new URL(dropInPath, import.meta.url)),
)
  ? await import(dropInPath)
  : undefined

/** express-session, and untorn in its place. */
export function both(): Implementation[] {
  const real: Session = require('express-session')
  const all: Implementation[] = [
    {
      name: 'express-session',
      tears: true,
      session: real,
      open: () => new real.MemoryStore(),
      asStore: same,
    },
  ]
  if (dropIn)
    all.push({
      name: 'untorn/express-session',
      tears: false,
      session: dropIn.default,
      open: () => fileStore(temporaryDirectory()),
      asStore: dropIn.untornStore,
    })
  return all
}

/** Those two, and both over Redis: untorn's middleware, and express-session with `untornStore`. */
export async function four(): Promise<Implementation[]> {
  const two = both()
  if (!dropIn) return two
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
  const [real, untorn] = two as [Implementation, Implementation]
  const { untornStore } = dropIn
  return [
    ...two,
    { ...untorn, name: 'untorn/express-session with Redis', open },
    { ...real, name: 'express-session with untornStore', tears: false, open: () => untornStore(open()) },
  ]
}
