import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { afterAll, describe, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import { redisStore } from '../../../src/redis.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { Browser } from './browser.ts'
import { Gate } from './gate.ts'
import { type Address, listen, serverFor } from './serve.ts'

const require = createRequire(import.meta.url)
const here = fileURLToPath(new URL('.', import.meta.url))

/** Said of what is skipped where the packages are not installed. */
const missing = existsSync(`${here}node_modules`)
  ? undefined
  : 'the packages are not there: npm --prefix test/express-session/packages ci'

export type Middleware = (request: object, response: object, next: (error?: unknown) => void) => void

/** express-session, or what takes its place. */
export type Session = (options: object) => Middleware

/** What an application of `applications/` is made with. */
export interface Given {
  express: unknown
  session: Session
  /** The store of those sessions, for what takes an express-session Store and no middleware. */
  store: object
  gate: Gate
}

/** One way to have sessions. */
interface Implementation {
  /** Whether overlapping requests lose each other's changes, as express-session's do. */
  tears: boolean
  session: Session
  /** Opens a store for one application, as the middleware takes it. */
  open: () => object
  /** The same as an express-session Store, where it is none. */
  asStore?: (store: object) => object
}

/** An application, served to this test. */
export interface Site<App = RequestListener> {
  app: App
  address: Address
  browser: Browser
  gate: Gate
}

/** One implementation of sessions on one Express, for an application. */
export interface Stage<App> {
  /** Whether overlapping requests lose each other's changes, as express-session's do. */
  tears: boolean
  /** 4 or 5. */
  express: number
  /** Makes the application, with `more` for it, and with a store of its own. */
  make(more?: object): Promise<{ app: App; gate: Gate }>
  /** Makes it and serves it. */
  open(more?: object, scheme?: 'http' | 'https'): Promise<Site<App>>
}

const expresses = { 4: 'express4', 5: 'express' }

/**
 * Puts an application, `applications/<file>`, with the packages that it uses, on express-session and on what takes its place,
 * on Express 4 and 5: `tests` asks each the same. Await it at the top of a file.
 */
export async function onEach<App = RequestListener>(
  title: string,
  file: string,
  tests: (stage: Stage<App>) => void,
): Promise<void> {
  if (missing !== undefined) {
    if (process.env.CI) throw new Error(missing)
    test.skip(`${title} (${missing})`)
    return
  }
  const { default: application } = await import(new URL(`applications/${file}`, import.meta.url).href)
  for (const [name, { tears, session, open: openStore, asStore }] of Object.entries(await implementations()))
    for (const [major, express] of Object.entries(expresses)) {
      const make: Stage<App>['make'] = async (more = {}) => {
        const gate = new Gate()
        const store = openStore()
        const given: Given = {
          express: require(express),
          session: (options) => session({ store, ...options }),
          store: asStore ? asStore(store) : store,
          gate,
        }
        return { app: await application({ ...given, ...more }), gate }
      }
      const open: Stage<App>['open'] = async (more, scheme) => {
        const made = await make(more)
        const address = await listen(serverFor(made.app as RequestListener, scheme))
        return { ...made, address, browser: new Browser(address) }
      }
      describe(`${title}, on ${name} and Express ${major}`, () => {
        tests({ tears, express: Number(major), make, open })
      })
    }
}

async function implementations(): Promise<Record<string, Implementation>> {
  const real: Session & { MemoryStore: new () => object } = require('express-session')
  const all: Record<string, Implementation> = {
    'express-session': { tears: true, session: real, open: () => new real.MemoryStore() },
  }
  const path = '../../../src/express-session.ts'
  if (!existsSync(fileURLToPath(new URL(path, import.meta.url)))) return all
  const { default: dropIn, untornStore } = await import(path)
  all['untorn/express-session over files'] = {
    tears: false,
    session: dropIn,
    open: () => fileStore(temporaryDirectory()),
    asStore: untornStore,
  }
  const { server } = await startRedis()
  if (!server) return all
  const client = await createClient({ url: server.url }).on('error', () => {}).connect()
  afterAll(async () => {
    client.destroy()
    await server.stop()
  })
  const onRedis = () => redisStore({ client, prefix: `${randomUUID()}:` })
  all['untorn/express-session over Redis'] = {
    tears: false,
    session: dropIn,
    open: onRedis,
    asStore: untornStore,
  }
  all['express-session over untornStore'] = {
    tears: false,
    session: real,
    open: () => untornStore(onRedis()),
  }
  return all
}
