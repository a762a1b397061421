import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SessionKey, SessionStore } from 'untorn'
import { answerWith } from '../../measure/children.ts'
import { monotonic } from '../contention/monotonic.ts'
import { openPair, type ServerName } from './pairs.ts'

/** Count one session up, from one moment to another. */
export interface Slice {
  server: ServerName
  url: string
  key: SessionKey
  /** By {@link monotonic}. */
  from: number
  until: number
}

/** What came of a slice. */
export interface Done {
  /** Until the end of the slice. */
  inTime: number
  /** The one that the end of the slice came upon included. */
  inAll: number
  conflicts: number
}

let store: SessionStore | undefined

answerWith(async (slice: Slice): Promise<Done> => {
  store ??= (await openPair[slice.server](slice.url)).untorn
  const done: Done = { inTime: 0, inAll: 0, conflicts: 0 }
  while (monotonic() < slice.from) await nextTurn()
  while (monotonic() < slice.until) {
    await increment(store, slice.key, done)
    done.inAll++
    if (monotonic() <= slice.until) done.inTime++
  }
  return done
})

/** Whoever meets a conflict tries again with the record that it came with. */
async function increment(store: SessionStore, key: SessionKey, done: Done): Promise<void> {
  let record = await store.load(key)
  while (record) {
    const set = new Map([['n', `${Number(record.values.get('n')) + 1}`]])
    const result = await store.save(key, { set }, { ifVersion: record.version })
    if (result.outcome === 'saved') return
    if (result.outcome === 'gone') break
    done.conflicts++
    record = result.record
  }
  throw new Error('A session is lost.')
}
