import { afterEach, expect, test, vi } from 'vitest'
import { KeptRecords } from '../../../src/adapters/kept/records.ts'
import { sessionKey } from '../../../src/contract/key.ts'
import type { SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'

afterEach(() => vi.restoreAllMocks())

const key = sessionKey('one')
const one = (texts: ReadonlyMap<string, string> = new Map()) =>
  new Map([['n', String(Number(texts.get('n') ?? 0) + 1)]])
const decide = (records: KeptRecords) => records.decide(key, one, 60_000, { anew: false })

/** A store in which others are faster so many times. */
function contended(times: number): SessionStore {
  const store = memoryStore()
  let left = times
  const save: SessionStore['save'] = async (key, change, options) => {
    if (options?.ifVersion !== undefined && left-- > 0)
      await store.save(key, { set: one((await store.load(key))!.values) })
    return store.save(key, change, options)
  }
  return new Proxy(store, {
    get: (_, name) => {
      const own = name === 'save' ? save : Reflect.get(store, name)
      return typeof own === 'function' ? own.bind(store) : own
    },
  })
}

test('what others are faster with 500 times is decided all the same, with a pause before each try', async () => {
  const chance = vi.spyOn(Math, 'random').mockReturnValue(0)
  const records = new KeptRecords(contended(500))
  await decide(records)
  expect((await decide(records)).get('n')).toBe('502')
  // What an earlier file has left in the process may ask for chance, too.
  expect(chance.mock.calls.length).toBeGreaterThanOrEqual(500)
})

test('after ten seconds it is an error', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const records = new KeptRecords(contended(Number.POSITIVE_INFINITY))
  await decide(records)
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 3000))
  await expect(decide(records)).rejects.toMatchObject({ code: 'UNTORN_SESSION_CONFLICT' })
})
