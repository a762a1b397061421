import { once } from 'node:events'
import { readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { createClient } from 'redis'
import { describe, onTestFinished, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import { postgresStore } from '../../../src/postgres.ts'
import { redisStore } from '../../../src/redis.ts'
import { startChild } from '../../support/child.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { DECIDING } from './plans.ts'
import { clear, type Rounds, round } from './rounds.ts'
import { STARTS, type Start } from './starts.ts'
import { VERBS } from './verbs.ts'

/** Of each pair on each store. */
const ROUNDS = 100

const LIMIT = { maxPerOwner: 1 }

/** Where a pair can meet: two of a visitor, of two devices, of two who come for the first time. */
const startsOf = (nth: number): Start =>
  [STARTS.signedIn, STARTS.twoDevices, STARTS.rotated, STARTS.nobody][nth % 4]!

/** Each round leaves some, and all that there are would be listed several times in each. */
function removeEmptyShards(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name)
    if (name.length === 2 && readdirSync(path).length === 0) rmdirSync(path)
  }
}

type Open = (place: string) => Promise<Pick<Rounds, 'store' | 'clear'>>

function races(place: () => string, open: Open): void {
  // All by the same two processes: new ones would spend more on their start than on their rounds.
  test('each deciding pair', async () => {
    const rounds = await started(place(), open, {})
    for (const pair of DECIDING) {
      const title = pair.map(({ name }) => name).join(' || ')
      for (let nth = 0; nth < ROUNDS; nth++) await round(rounds, startsOf(nth), pair, title)
    }
  }, 900_000)

  test('sign-ins on more devices than there may be', async () => {
    const rounds = await started(place(), open, LIMIT)
    const { newcomers, nobody } = STARTS
    for (let nth = 0; nth < ROUNDS; nth++)
      await round(rounds, nth % 2 ? newcomers : nobody, [VERBS.loginAda, VERBS.loginAda], 'with a limit')
  }, 120_000)
}

async function started(place: string, open: Open, limit: object) {
  const opened = await open(place)
  const children = [0, 1].map(() =>
    startChild(new URL('children/serve.ts', import.meta.url), place, JSON.stringify(limit)),
  )
  onTestFinished(async () => {
    const over = children.map((child) => once(child.process, 'exit'))
    for (const child of children) child.process.stdin!.end()
    await Promise.all(over)
    await opened.store.close()
  })
  const [first, second] = await Promise.all(children.map((child) => child.line()))
  return { ...opened, ports: [Number(first), Number(second)] as const, limit }
}

describe('two processes on files', () => {
  races(temporaryDirectory, async (directory) => {
    const store = fileStore(directory, { sweepEvery: 0 })
    return { store, clear: () => clear(store).then(() => removeEmptyShards(directory)) }
  })
})

await describeWith('two processes on Redis', startRedis, ({ url }) => {
  races(
    () => url,
    async () => {
      const client = createClient({ url }).on('error', (error) => console.error(error.message))
      onTestFinished(() => client.close())
      const store = redisStore({ client: await client.connect() })
      // A key that was deleted is not free again at once.
      return { store, clear: () => client.flushDb() }
    },
  )
})

await describeWith('two processes on PostgreSQL', startPostgres, ({ url }) => {
  races(
    () => url,
    async () => {
      const pool = new pg.Pool({ connectionString: url })
      onTestFinished(() => pool.end())
      const store = postgresStore({ pool, sweepEvery: 0 })
      await store.createTable()
      return { store }
    },
  )
})
