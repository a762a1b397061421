import { postgresStore } from 'untorn/postgres'
import { connectPgSimple } from '../../candidates/express-session.ts'
import { values } from '../../candidates/sample.ts'
import type { Operation } from '../../measure/rounds.ts'
import { inTurns, type Population, populate } from './population.ts'
import {
  FLOOR_TABLE,
  type PostgresDriver,
  pgPool,
  postgresDriver,
  postgresDrivers,
} from './postgres-drivers.ts'
import { batches, CONNECTIONS, POSTGRES_LANES, type Pools, postgresNames } from './postgres-lanes.ts'
import { optionOperations } from './postgres-options.ts'
import { peerOperations, storeCalls } from './store-calls.ts'
import { type Call, operationOf } from './throughput.ts'

/** The table of the store has to be there. */
export async function postgresOperations(url: string, sessions: number): Promise<Pools> {
  await prepareFloor(url)
  const drivers = await Promise.all(
    postgresDrivers.map((name) => postgresDriver(name, url, { connections: CONNECTIONS })),
  )
  const options = await optionOperations(url, sessions)
  const population = await populate(postgresStore({ pool: drivers[0]!.pool, sweepEvery: 0 }), sessions)
  const text = JSON.stringify(values)
  for (const key of population.keys) await drivers[0]!.insert(key, text)
  const all = [...(await Promise.all(drivers.map((driver) => overDriver(driver, population)))), options]
  return {
    operations: all.flatMap(({ operations }) => operations),
    close: async () => void (await Promise.all(all.map(({ close }) => close()))),
  }
}

async function prepareFloor(url: string): Promise<void> {
  const pool = await pgPool(url, { connections: 1 })
  await pool.query(FLOOR_TABLE)
  await pool.end()
}

async function overDriver(driver: PostgresDriver, population: Population): Promise<Pools> {
  const store = postgresStore({ pool: driver.pool, sweepEvery: 0 })
  const peer = driver.name === 'pg' ? connectPgSimple(driver.pool) : undefined
  const operations: Operation[] = []
  for (const lanes of POSTGRES_LANES) {
    const names = postgresNames(driver.name, lanes)
    const group = `PostgreSQL with ${driver.name}, ${lanes} at a time`
    const { reads, writes } = batches(lanes)
    const calls = storeCalls(store, population, lanes)
    const bare = bareCalls(driver, population.keys, lanes)
    const call = (name: string, floor: string, batch: number, once: Call['once']): Operation =>
      operationOf({ group, name, floor, lanes, batch, once })
    operations.push(
      call(names.select, names.select, reads, bare.select),
      call(names.load, names.select, reads, calls.load),
      call(names.update, names.update, writes, bare.update),
      call(names.save, names.update, writes, calls.save),
      call(names.saveIfVersion, names.update, writes, calls.saveIfVersion),
    )
    if (!peer) continue
    const peers = { get: names.peerGet, set: names.peerSet }
    const floors = { get: names.select, set: names.update }
    const [get, set] = await peerOperations(
      peer,
      population.keys.length,
      { group, lanes, batch: reads },
      peers,
      floors,
    )
    operations.push(get!, { ...set!, batch: writes })
  }
  return {
    operations,
    async close() {
      await peer?.close?.()
      await driver.close()
    },
  }
}

function bareCalls(
  driver: PostgresDriver,
  keys: readonly string[],
  lanes: number,
): Record<'select' | 'update', Call['once']> {
  const text = JSON.stringify(values)
  const next = inTurns(lanes, keys.length)
  return {
    async select(lane) {
      if ((await driver.select(keys[next(lane)]!)) !== text) throw new Error('A text is lost.')
    },
    async update(lane) {
      if ((await driver.update(keys[next(lane)]!, text)) !== 1) throw new Error('A row is lost.')
    },
  }
}
