import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { createClient } from 'redis'
import { describe, onTestFinished } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { fileStore } from '../../src/file.ts'
import { memoryStore } from '../../src/memory.ts'
import { postgresStore } from '../../src/postgres.ts'
import { redisStore } from '../../src/redis.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import type { Started } from '../support/servers/throw-away.ts'
import { inWhole } from '../support/whole.ts'

/** Another store over the same sessions, as each process of an application has one of its own. */
export type OpenStore = () => SessionStore

interface Place {
  name: string
  /** A server that it needs. */
  start?: () => Promise<Started>
  /** Room for sessions that is empty, for one test. */
  empty: (url: string) => Promise<OpenStore>
}

const PLACES: readonly Place[] = [
  {
    name: 'memoryStore',
    async empty() {
      const store = memoryStore()
      return () => store
    },
  },
  {
    name: 'fileStore',
    async empty() {
      const directory = temporaryDirectory()
      return () => fileStore(directory, { sweepEvery: 0 })
    },
  },
  {
    name: 'postgresStore',
    start: startPostgres,
    async empty(url) {
      const pool = new pg.Pool({ connectionString: url })
      onTestFinished(() => pool.end())
      const table = `sessions_${randomUUID().replaceAll('-', '')}`
      await postgresStore({ pool, table, sweepEvery: 0 }).createTable()
      return () => postgresStore({ pool, table, sweepEvery: 0 })
    },
  },
  {
    name: 'redisStore',
    start: startRedis,
    async empty(url) {
      const client = createClient({ url })
      client.on('error', () => {})
      await client.connect()
      onTestFinished(() => client.close())
      const prefix = `${randomUUID()}:`
      return () => redisStore({ client, prefix })
    },
  },
]

const FILES = PLACES.filter(({ name }) => name === 'fileStore')

/** The same tests on each kind of store, in the short run on files; `empty` gives a test a place of its own. Await it at the top of a file. */
export async function onEachStore(tests: (empty: () => Promise<OpenStore>) => void): Promise<void> {
  for (const { name, start, empty } of inWhole(PLACES, FILES)) {
    const on = (url: string) => tests(() => empty(url))
    if (start === undefined) describe(name, () => on(''))
    else await describeWith(name, start, ({ url }) => on(url))
  }
}

/** How many sessions are there: counted one by one, as a server's own count may have what has just ended. */
export async function sessionsIn(store: SessionStore): Promise<number> {
  let count = 0
  for await (const _record of store.records()) count++
  return count
}
