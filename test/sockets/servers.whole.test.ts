import { test } from 'vitest'
import * as adonisjs from '../../src/adonisjs.ts'
import * as astro from '../../src/astro.ts'
import * as betterAuth from '../../src/better-auth.ts'
import type { SessionStore } from '../../src/index.ts'
import * as koaSession from '../../src/koa-session.ts'
import * as nextjsAuth0 from '../../src/nextjs-auth0.ts'
import * as remix from '../../src/remix.ts'
import * as unstorage from '../../src/unstorage.ts'
import { pgPool } from '../stores/postgres/drivers.ts'
import { openStore as openPostgres } from '../stores/postgres/open-store.ts'
import { connect, openStore as openRedis } from '../stores/redis/on-redis.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { CASES } from './cases.ts'

const SOCKETS = { adonisjs, astro, betterAuth, koaSession, nextjsAuth0, remix, unstorage }

const testAll = (open: () => Promise<SessionStore> | SessionStore): void => {
  test.each(Object.keys(CASES))('%s', async (name) => CASES[name]!(SOCKETS, await open()))
}

await describeWith('Redis', startRedis, ({ port }) => testAll(() => openRedis(connect(port))))

await describeWith('PostgreSQL', startPostgres, ({ url }) => {
  const pool = pgPool(url)
  testAll(async () => (await openPostgres({ pool })).store)
})
