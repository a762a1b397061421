import { expect } from 'vitest'
import { newKey, newRecord, texts } from '../../support/records.ts'
import type { Pool } from './drivers.ts'
import { openStore } from './open-store.ts'

/** All that a store does, with what is sent and read in every column. */
export async function useAll(pool: Pool): Promise<void> {
  const { store } = await openStore({ pool })
  const key = newKey()
  const record = newRecord({ user: { name: 'Ada', id: 1 }, count: 1 }, { owner: '7' })
  expect(await store.create(key, record)).toBe(true)
  const set = texts({ when: '2026-01-01T00:00:00.000Z', big: { b: 1, a: [1.5, null] } })
  const saved = { ...record, version: 1, values: new Map([...record.values, ...set]) }
  saved.values.delete('count')
  expect(await store.save(key, { set, delete: ['count'] }, { ifVersion: 0 })).toEqual({
    outcome: 'saved',
    record: saved,
  })
  expect(await store.save(key, { set }, { ifVersion: 0 })).toEqual({ outcome: 'conflict', record: saved })
  expect(await store.load(key)).toEqual(saved)
  const found = { outcome: 'saved', record: { ...saved, owner: 'a\nb' } }
  expect(await store.save(key, { owner: 'a\nb' })).toEqual(found)
  expect(await store.save(key, { owner: '7' }, { ifVersion: 1 })).toEqual({
    outcome: 'saved',
    record: saved,
  })
  const listed: unknown[] = []
  for await (const entry of store.byOwner('7')) listed.push(entry)
  expect(listed).toEqual([[key, saved]])
  expect((await store.save(key, { owner: null, expiresAt: 0 })).outcome).toBe('saved')
  expect(await store.exists(key)).toBe(false)
  expect(await store.clearExpired({ onProgress: () => {} })).toEqual({ scanned: 1, removed: 1 })
  expect(await store.delete(key)).toBe(false)
}
