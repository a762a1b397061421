import { expect, test } from 'vitest'
import { newKey, newRecord } from '../../support/records.ts'
import { memoryDatabase } from './drivers.ts'
import { openStore } from './open-store.ts'
import { useAll } from './use-all.ts'

const upset = (): never => {
  throw new Error('not for the store')
}

const odd = { 20: upset, 25: upset, 3802: upset, 17: upset, 1184: upset }

const database = await memoryDatabase({ parsers: odd, serializers: odd })

test('an application may have its own parsers and serialisers, in PGlite', async () => {
  await useAll(database)
})

test('createTable by PGlite may be called again, and leaves what is there', async () => {
  const { store } = await openStore({ pool: database })
  const key = newKey()
  await store.create(key, newRecord())
  await store.createTable()
  expect(await store.exists(key)).toBe(true)
})
