import { assertChange, assertNewRecord, assertOwner, assertSessionKey } from '../contract/check.ts'
import { isNoSession, type SessionKey } from '../contract/key.ts'
import {
  applyChange,
  copyRecord,
  type NewRecord,
  type SessionChange,
  type SessionRecord,
} from '../contract/record.ts'
import type { SaveOptions, SaveResult, SessionStore } from '../contract/store.ts'

export type Data = Map<SessionKey, SessionRecord>

export interface MinimalStore extends SessionStore {
  create(key: SessionKey, record: NewRecord): boolean
  load(key: SessionKey): SessionRecord | undefined
  save(key: SessionKey, change: SessionChange, options?: SaveOptions): SaveResult
  exists(key: SessionKey): boolean
  delete(key: SessionKey): boolean
  byOwner(owner: string): AsyncIterable<[SessionKey, SessionRecord]>
  count(): number
}

const isLive = (record: SessionRecord | undefined) => record !== undefined && record.expiresAt > Date.now()

/** The shortest store that keeps the contract. Two over the same data see each other's sessions. */
export function minimalStore(data: Data = new Map()): MinimalStore {
  const live = (key: SessionKey) => {
    assertSessionKey(key)
    const record = data.get(key)
    return isLive(record) ? record : undefined
  }
  async function* list(
    wanted: (key: SessionKey, record: SessionRecord) => boolean,
  ): AsyncIterable<[SessionKey, SessionRecord]> {
    for (const [key, record] of data)
      if (isLive(record) && wanted(key, record)) yield [key, copyRecord(record)]
  }
  return {
    create(key, record) {
      assertNewRecord(record)
      if (live(key)) return false
      data.set(key, copyRecord({ ...record, version: record.version ?? 0 }))
      return true
    },
    load(key) {
      const record = live(key)
      return record && copyRecord(record)
    },
    save(key, change, options) {
      assertChange(change, options)
      const record = live(key)
      if (!record) return { outcome: 'gone' }
      const { ifVersion = record.version } = options ?? {}
      if (ifVersion !== record.version) return { outcome: 'conflict', record: copyRecord(record) }
      data.set(key, applyChange(record, change))
      return { outcome: 'saved', record: applyChange(record, change) }
    },
    exists: (key) => live(key) !== undefined,
    delete: (key) => live(key) !== undefined && data.delete(key),
    async clearExpired({ signal, onProgress } = {}) {
      signal?.throwIfAborted()
      const counts = { scanned: 0, removed: 0 }
      for (const [key, record] of data) {
        const counted = isNoSession(key) ? 0 : 1
        counts.scanned += counted
        if (!isLive(record) && data.delete(key)) counts.removed += counted
      }
      onProgress?.({ done: 1, total: 1, ...counts })
      return counts
    },
    records: ({ all = false } = {}) => list((key) => all || !isNoSession(key)),
    byOwner(owner) {
      assertOwner(owner)
      return list((key, record) => record.owner === owner && !isNoSession(key))
    },
    count: () => [...data].filter(([key, record]) => isLive(record) && !isNoSession(key)).length,
    close() {},
  }
}
