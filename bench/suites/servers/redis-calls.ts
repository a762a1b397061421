import { redisStore } from 'untorn/redis'
import { connectRedis } from '../../candidates/express-session.ts'
import { newRecord, values } from '../../candidates/sample.ts'
import type { Operation } from '../../measure/rounds.ts'
import { inTurns, populate } from './population.ts'
import type { RedisDriver } from './redis-drivers.ts'
import { peerOperations, storeCalls } from './store-calls.ts'
import { type Call, operationOf } from './throughput.ts'

/** At a time: one request alone, and as many as a busy process has on one connection. */
export const REDIS_LANES = [1, 64] as const

/** The least that a script can do which writes. */
const BARE_SCRIPT = "return redis.call('SET', KEYS[1], ARGV[1])"

export function redisNames(driver: string, lanes: number) {
  const of = (what: string): string => `${driver}, ${lanes} at a time: ${what}`
  return {
    get: of('GET of as long a text'),
    hgetall: of('HGETALL of the same values'),
    set: of('SET of as long a text'),
    script: of('EVALSHA of a script that sets as long a text'),
    load: of('untorn: load'),
    save: of('untorn: save'),
    saveIfVersion: of('untorn: conditional save'),
    peerGet: of('connect-redis: get'),
    peerSet: of('connect-redis: set'),
  }
}

/** The same sessions for all drivers. */
export async function redisOperations(
  drivers: readonly RedisDriver[],
  sessions: number,
): Promise<Operation[]> {
  const population = await populate(redisStore({ client: drivers[0]!.client }), sessions)
  const texts = population.keys.map((key) => `floor:${key}`)
  const operations: Operation[] = []
  for (const driver of drivers) {
    const store = redisStore({ client: driver.client })
    for (const lanes of REDIS_LANES) {
      const names = redisNames(driver.name, lanes)
      const group = `Redis with ${driver.name}, ${lanes} at a time`
      const batch = lanes === 1 ? 250 : 40 * lanes
      const calls = storeCalls(store, population, lanes)
      const bare = await bareCalls(driver, texts, lanes)
      const call = (name: string, floor: string, once: Call['once']): Operation =>
        operationOf({ group, name, floor, lanes, batch, once })
      operations.push(
        call(names.get, names.get, bare.get),
        call(names.hgetall, names.get, bare.hgetall),
        call(names.load, names.get, calls.load),
        call(names.set, names.set, bare.set),
        call(names.script, names.set, bare.script),
        call(names.save, names.script, calls.save),
        call(names.saveIfVersion, names.script, calls.saveIfVersion),
      )
      if (driver.name !== 'node-redis') continue
      const peers = { get: names.peerGet, set: names.peerSet }
      const floors = { get: names.get, set: names.set }
      const peer = connectRedis(driver.client)
      operations.push(...(await peerOperations(peer, sessions, { group, lanes, batch }, peers, floors)))
    }
  }
  return operations
}

async function bareCalls(
  driver: RedisDriver,
  keys: readonly string[],
  lanes: number,
): Promise<Record<'get' | 'hgetall' | 'set' | 'script', Call['once']>> {
  const text = JSON.stringify(values)
  const script = await driver.script(BARE_SCRIPT)
  // A hash beside it: as long, and with as many fields as a session has.
  const fields = { meta: text.slice(0, 50), ...Object.fromEntries(newRecord().values) }
  for (const key of keys) {
    await driver.set(key, text)
    await driver.hset(hashOf(key), fields)
  }
  const next = inTurns(lanes, keys.length)
  const key = (lane: number): string => keys[next(lane)]!
  return {
    async get(lane) {
      const found = (await driver.get(key(lane))) as string | null
      if (found?.length !== text.length) throw new Error('A text is lost.')
    },
    async hgetall(lane) {
      await driver.hgetall(hashOf(key(lane)))
    },
    set: (lane) => driver.set(key(lane), text),
    script: (lane) => script(key(lane), text),
  }
}

function hashOf(key: string): string {
  return `${key}:hash`
}
