import { describe, expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { fileStore } from '../../src/file.ts'
import { memoryStore } from '../../src/memory.ts'
import { moving } from '../../src/moving.ts'
import { postgresStore } from '../../src/postgres.ts'
import { redisStore } from '../../src/redis.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { newKey, newRecord, texts } from '../support/records.ts'

/** Whoever asks the server fails the test. */
const asks = () => expect.unreachable()

const stores: Record<string, () => SessionStore> = {
  memoryStore: () => memoryStore(),
  fileStore: () => fileStore(temporaryDirectory(), { sweepEvery: 0 }),
  redisStore: () => redisStore({ client: { call: asks } }),
  postgresStore: () =>
    postgresStore({
      pool: { query: asks, connect: asks, on: asks, listenerCount: () => 1 } as never,
      sweepEvery: 0,
    }),
  moving: () => moving({ from: memoryStore(), to: memoryStore() }),
}

const key = newKey()
const record = newRecord()

/** What a program may get wrong, and how it is told. */
const mistakes: [message: string, call: (store: SessionStore) => unknown][] = [
  [
    'Invalid argument `key`: a session key is needed (the lower-case hex SHA-256 that `sessionKey(id)` returns), not an id or another text.',
    (store) => store.load('an id' as never),
  ],
  ['Invalid argument `record`: an object is needed.', (store) => store.create(key, undefined as never)],
  [
    'Invalid argument `record.values`: a Map of texts to texts is needed.',
    (store) => store.create(key, { ...record, values: new Map([['count', 1]]) } as never),
  ],
  [
    'Invalid argument `record.createdAt`: a finite number of milliseconds since the epoch is needed.',
    (store) => store.create(key, { ...record, createdAt: new Date() } as never),
  ],
  [
    'Invalid argument `record.expiresAt`: a finite number of milliseconds since the epoch is needed.',
    (store) => store.create(key, { ...record, expiresAt: Number.NaN }),
  ],
  [
    'Invalid argument `record.version`: a whole number from 0 on is needed.',
    (store) => store.create(key, { ...record, version: 0.5 }),
  ],
  [
    'Invalid argument `record.owner`: a text is needed.',
    (store) => store.create(key, { ...record, owner: 5 } as never),
  ],
  ['Invalid argument `change`: an object is needed.', (store) => store.save(key, null as never)],
  [
    'Invalid argument `change.set`: a Map of texts to texts is needed.',
    (store) => store.save(key, { set: { count: '1' } } as never),
  ],
  [
    'Invalid argument `change.delete`: an array of texts is needed.',
    (store) => store.save(key, { delete: 'count' } as never),
  ],
  [
    'Invalid argument `change.expiresAt`: a finite number of milliseconds since the epoch is needed.',
    (store) => store.save(key, { expiresAt: Number.POSITIVE_INFINITY }),
  ],
  [
    'Invalid argument `change.owner`: a text is needed, or null to take it away.',
    (store) => store.save(key, { owner: 5 } as never),
  ],
  ['Invalid argument `options`: an object is needed.', (store) => store.save(key, {}, 'late' as never)],
  [
    'Invalid argument `options.ifVersion`: a whole number from 0 on is needed.',
    (store) => store.save(key, { set: texts({ a: 1 }) }, { ifVersion: Number.NaN }),
  ],
  [
    'Invalid argument `owner`: a text is needed.',
    async (store) => {
      for await (const _ of store.byOwner!(5 as never));
    },
  ],
]

describe.each(Object.entries(stores))('%s', (_name, open) => {
  test.each(mistakes)('says %s', async (message, call) => {
    const store = open()
    onTestFinished(() => store.close())
    const error = await (async () => call(store))().then(
      () => expect.unreachable(),
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message, code: 'UNTORN_INVALID_ARGUMENT' })
  })
})

test('a Map of another realm is a Map: test runners have one', async () => {
  const { runInNewContext } = await import('node:vm')
  const values = runInNewContext("new Map([['user', '1']])") as Map<string, string>
  expect(values).not.toBeInstanceOf(Map)
  const store = memoryStore()
  expect(store.create(key, { ...record, values })).toBe(true)
  expect(store.save(key, { set: values })).toMatchObject({ outcome: 'saved' })
})
