import type { SessionStoreFactory } from '@adonisjs/session/types'
import { createSession, type SessionStorage } from '@remix-run/session'
import { type BetterAuthOptions, betterAuth } from 'better-auth'
import Koa from 'koa'
import session from 'koa-session'
import { createStorage, type Driver } from 'unstorage'
import { untornStore as adonisStore } from 'untorn/adonisjs'
import { secondaryStorage } from 'untorn/better-auth'
import { untornStore as koaStore } from 'untorn/koa-session'
import { memoryStore } from 'untorn/memory'
import { sessionStorage } from 'untorn/remix'
import { untornDriver } from 'untorn/unstorage'

const store = memoryStore()
const app = new Koa()

export const auth = betterAuth({ secondaryStorage: secondaryStorage(store, { app: 'shop' }) })
export const storage: BetterAuthOptions['secondaryStorage'] = secondaryStorage()
export const driver: Driver = untornDriver({ store, lifetime: '1d' })
export const items = createStorage({ driver: untornDriver() })
export const middleware = session({ store: koaStore(store, { idleTimeout: '2h' }) }, app)
export const factory: SessionStoreFactory = adonisStore(store)
export const sessions: SessionStorage = sessionStorage(createSession, store)

// @ts-expect-error: a store, not its options
secondaryStorage({ app: 'shop' })
// @ts-expect-error: no such option
secondaryStorage(store, { idleTimeout: '1d' })
// @ts-expect-error: the store is one of the options
untornDriver(store)
// @ts-expect-error: a length of time has a unit
koaStore(store, { idleTimeout: '2' })
// @ts-expect-error: createSession comes first
sessionStorage(store)
