import type { SessionKey } from '../../src/contract/key.ts'
import type { NewRecord, SessionRecord } from '../../src/contract/record.ts'
import type { SessionStore } from '../../src/contract/store.ts'
import { newKey, newRecord } from '../support/records.ts'

const HOUR = 3_600_000

/** Records of which no two are alike: with and without owner, values of all kinds, some with none. */
export function variedRecords(count: number): [SessionKey, NewRecord][] {
  const now = Date.now()
  return Array.from({ length: count }, (_, n) => {
    const values =
      n % 7 === 3 ? {} : { n, text: `"é" \u2028 ${'x'.repeat(n % 50)}`, list: [null, 1.5, { a: n }] }
    const owner = n % 3 === 0 ? { owner: `user-${n % 11}` } : {}
    const more = { version: n % 40, createdAt: now - n * 1001, expiresAt: now + HOUR + n * 7, ...owner }
    return [newKey(), newRecord(values, more)]
  })
}

/** Creates so many in a store, and resolves with what is in it then. */
export async function fill(store: SessionStore, count: number): Promise<Map<SessionKey, SessionRecord>> {
  for (const [key, record] of variedRecords(count)) await store.create(key, record)
  return contentsOf(store)
}

/** Every live session of a store. */
export async function contentsOf(store: SessionStore): Promise<Map<SessionKey, SessionRecord>> {
  const contents = new Map<SessionKey, SessionRecord>()
  for await (const [key, record] of store.records()) contents.set(key, record)
  return contents
}
