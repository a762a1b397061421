import { assertChange, assertNewRecord, assertSessionKey } from '../../../../src/contract/check.ts'
import type { SessionKey } from '../../../../src/contract/key.ts'
import type { NewRecord, SessionChange, SessionRecord } from '../../../../src/contract/record.ts'
import type { LoadOptions, SaveOptions, SaveResult, SessionStore } from '../../../../src/contract/store.ts'
import { VERSIONS_APART } from '../../../../src/stores/over/moving/marks.ts'

/**
 * A store that moves sessions, over sessions that were in `from` before: what is created goes there. A move is seen in
 * the version alone, which is higher after it: here it is shown as if it were not, as the conformance suite counts.
 */
export function withSessionsIn(from: SessionStore, store: SessionStore): SessionStore {
  const { byOwner, count } = store
  return {
    ...(store.loadsAtOnce && { loadsAtOnce: true }),
    // A memory store has one object for both sides; else each of two that are over the same data would do.
    async create(key: SessionKey, record: NewRecord) {
      assertSessionKey(key)
      assertNewRecord(record)
      return !(await store.exists(key)) && from.create(key, record)
    },
    load(key: SessionKey, options?: LoadOptions) {
      const found = store.load(key, options)
      return found instanceof Promise
        ? found.then((record) => record && asBefore(record))
        : found && asBefore(found)
    },
    async save(key: SessionKey, change: SessionChange, options?: SaveOptions): Promise<SaveResult> {
      assertSessionKey(key)
      assertChange(change, options)
      let ifVersion = options?.ifVersion
      for (;;) {
        const result = await store.save(key, change, ifVersion === undefined ? {} : { ifVersion })
        if (result.outcome === 'gone') return result
        const shown = { ...result, record: asBefore(result.record) }
        if (result.outcome === 'saved' || shown.record.version !== options?.ifVersion) return shown
        // It has the version that was meant: it was moved.
        ifVersion = result.record.version
      }
    },
    exists: (key: SessionKey) => store.exists(key),
    delete: (key: SessionKey) => store.delete(key),
    clearExpired: (options) => store.clearExpired(options),
    records: (options) => shown(store.records(options)),
    ...(byOwner && { byOwner: (owner: string) => shown(byOwner.call(store, owner)) }),
    ...(count && { count: () => count.call(store) }),
    now: () => store.now!(),
    close: () => store.close(),
  }
}

async function* shown(listing: AsyncIterable<[SessionKey, SessionRecord]>) {
  for await (const [key, record] of listing) yield [key, asBefore(record)] as [SessionKey, SessionRecord]
}

/** The suite begins at version 0, and makes a few hundred changes at most. */
function asBefore(record: SessionRecord): SessionRecord {
  const { version } = record
  return { ...record, version: version < VERSIONS_APART ? version : (version % VERSIONS_APART) - 1 }
}
