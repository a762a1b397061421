import pg from 'pg'
import { createClient } from 'redis'
import { type FileStoreOptions, fileStore } from '../../../src/file.ts'
import { memoryStore } from '../../../src/memory.ts'
import { postgresStore } from '../../../src/postgres.ts'
import { redisStore } from '../../../src/redis.ts'
import { expresses } from '../../adapters/support/express.ts'
import { encrypting } from '../../support/encrypting.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { startRedis } from '../../support/servers/redis.ts'
import type { Started } from '../../support/servers/throw-away.ts'
import { delayedStore } from '../../testing/delayed-store.ts'
import { oneServer, type ServeOptions, severalProcesses } from './serve.ts'
import type { Site } from './site.ts'

/** A column of the matrix. */
export interface Column {
  store: string
  /** At the head of its column in the table. */
  head: string
  /** A server that the store needs, by its name in {@link servers}. */
  needs?: keyof typeof servers
  /** `url` is that of the server, where one is needed. */
  serve(url: string): Promise<Site>
}

export const servers = { Redis: startRedis, PostgreSQL: startPostgres } satisfies Record<
  string,
  () => Promise<Started>
>

const files = (durability: FileStoreOptions['durability'] & string) => (directory: string) =>
  fileStore(directory, { durability, sweepEvery: 0 })

const asynchronous = () => delayedStore(memoryStore())

const express = expresses['Express 4']!

/** Each value has another text each time that it is written. */
const encrypted = (): ServeOptions => ({ serializer: encrypting() })

async function redis(url: string, options: ServeOptions = {}): Promise<Site> {
  const client = await createClient({ url }).connect()
  return oneServer(() => redisStore({ client }), { ...options, end: () => client.close() })
}

async function postgres(url: string, options: ServeOptions = {}): Promise<Site> {
  const pool = new pg.Pool({ connectionString: url })
  const open = async () => {
    const store = postgresStore({ pool, sweepEvery: 0 })
    await store.createTable()
    return store
  }
  return oneServer(open, { ...options, end: () => pool.end() })
}

const twoProcesses = (url: string) => severalProcesses(2, url)

export const columns: readonly Column[] = [
  { store: "fileStore, durability 'process'", head: 'files', serve: () => oneServer(files('process')) },
  { store: "fileStore, durability 'disk'", head: 'disk', serve: () => oneServer(files('disk')) },
  { store: 'fileStore, two server processes', head: '2 proc.', serve: () => severalProcesses(2) },
  { store: 'memoryStore', head: 'memory', serve: () => oneServer(() => memoryStore()) },
  { store: 'an asynchronous store', head: 'async', serve: () => oneServer(asynchronous) },
  { store: 'fileStore, Express 4', head: 'files/4', serve: () => oneServer(files('process'), { express }) },
  {
    store: 'an asynchronous store, Express 4',
    head: 'async/4',
    serve: () => oneServer(asynchronous, { express }),
  },
  {
    store: 'fileStore, values encrypted',
    head: 'files/enc',
    serve: () => oneServer(files('process'), encrypted()),
  },
  {
    store: 'an asynchronous store, values encrypted',
    head: 'async/enc',
    serve: () => oneServer(asynchronous, encrypted()),
  },
  { store: 'redisStore', head: 'redis', needs: 'Redis', serve: (url) => redis(url) },
  {
    store: 'redisStore, values encrypted',
    head: 'redis/enc',
    needs: 'Redis',
    serve: (url) => redis(url, encrypted()),
  },
  { store: 'redisStore, two server processes', head: 'redis x2', needs: 'Redis', serve: twoProcesses },
  { store: 'postgresStore', head: 'pg', needs: 'PostgreSQL', serve: (url) => postgres(url) },
  {
    store: 'postgresStore, values encrypted',
    head: 'pg/enc',
    needs: 'PostgreSQL',
    serve: (url) => postgres(url, encrypted()),
  },
  { store: 'postgresStore, two server processes', head: 'pg x2', needs: 'PostgreSQL', serve: twoProcesses },
]
