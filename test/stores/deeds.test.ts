import { describe, expect, test } from 'vitest'
import type { SessionStore } from '../../src/index.ts'
import { postgresStore } from '../../src/postgres.ts'
import { redisStore } from '../../src/redis.ts'
import { newKey, newRecord, texts } from '../support/records.ts'

const DEEDS: Record<string, (store: SessionStore) => unknown> = {
  'create a session': (store) => store.create(newKey(), newRecord()),
  'load a session': (store) => store.load(newKey()),
  'save a session': (store) => store.save(newKey(), { set: texts({ a: 1 }) }),
  'look for a session': (store) => store.exists(newKey()),
  'delete a session': (store) => store.delete(newKey()),
  'count sessions': (store) => store.count!(),
  'list sessions': async (store) => {
    for await (const _ of store.records());
  },
}

/** Those that Redis is asked for by a script. */
const CHANGES = ['create a session', 'save a session', 'delete a session']

async function saidOf(deed: string, store: SessionStore): Promise<string> {
  return Promise.resolve(DEEDS[deed]!(store)).then(
    () => 'It was done.',
    ({ message }: Error) => message,
  )
}

const broken = () => Promise.reject(new Error('connect ECONNREFUSED'))
const onEvent = (): void => {}

describe('an error says what could not be done', () => {
  test.each(Object.keys(DEEDS))('%s: where the server is out of reach', async (deed) => {
    const stores = [
      redisStore({ client: { call: broken }, onEvent }),
      postgresStore({ pool: { query: broken }, sweepEvery: 0, onEvent }),
    ]
    for (const store of stores) expect(await saidOf(deed, store)).toMatch(`Could not ${deed}: `)
  })

  test.each(CHANGES)('%s: where it comes too late', async (deed) => {
    let hours = 0
    const client = { call: async () => ['late', Date.now() + ++hours * 3_600_000] }
    const store = redisStore({ client, onEvent })
    expect(await saidOf(deed, store)).toMatch(`Could not ${deed}: it reached Redis after its deadline`)
  })

  test.each(CHANGES)('%s: where a client changes replies', async (deed) => {
    const store = redisStore({ client: { call: async () => 'changed' }, onEvent })
    expect(await saidOf(deed, store)).toMatch(`Could not ${deed}: the client gives replies in a form`)
  })
})
