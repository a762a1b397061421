import type { SessionKey } from '../../../src/contract/key.ts'
import { copyRecord, type SessionRecord } from '../../../src/contract/record.ts'
import { collect } from '../../../src/testing/samples.ts'
import { fault } from '../fault.ts'

type Entry = [SessionKey, SessionRecord]

async function* each(entries: Entry[]): AsyncIterable<Entry> {
  yield* entries
}

async function* some(items: AsyncIterable<Entry>, wanted: (index: number) => boolean): AsyncIterable<Entry> {
  let index = 0
  for await (const item of items) if (wanted(index++)) yield item
}

async function* twice(items: AsyncIterable<Entry>): AsyncIterable<Entry> {
  const all = await collect(items)
  yield* all
  yield* all
}

export const listing = [
  fault(
    'records stops after the first hundred',
    (correct) => ({ records: () => some(correct.records(), (index) => index < 100) }),
    'listed: records yields each live session once, and no other',
  ),
  fault(
    'records leaves out the first',
    (correct) => ({ records: () => some(correct.records(), (index) => index > 0) }),
    'listed: two lists at once are both complete',
    'listed: a list that is left early holds nothing up',
  ),
  fault(
    'records yields each session twice',
    (correct) => ({ records: () => twice(correct.records()) }),
    'listed: records yields each live session once, and no other',
    'listed: sessions that stay are listed once while others come and go',
  ),
  fault(
    'records starts anew when something changes',
    (correct, data) => ({
      async *records() {
        let size = data.size
        for await (const entry of correct.records()) {
          yield entry
          if (data.size !== size) yield entry
          size = data.size
        }
      },
    }),
    'listed: sessions that stay are listed once while others come and go',
  ),
  fault(
    'two lists share a place to read on from',
    (correct) => {
      let shared: Entry[] | undefined
      return {
        async *records() {
          shared ??= await collect(correct.records())
          for (let next = shared?.shift(); next; next = shared?.shift()) {
            yield next
            await undefined
          }
          shared = undefined
        },
      }
    },
    'listed: two lists at once are both complete',
  ),
  fault(
    'a list that is left early keeps the store locked',
    (correct) => {
      let listing = false
      return {
        async *records() {
          listing = true
          yield* correct.records()
          listing = false
        },
        load(key) {
          if (listing) throw new Error('locked')
          return correct.load(key)
        },
      }
    },
    'listed: a list that is left early holds nothing up',
  ),
  fault(
    'records yields sessions as they were created',
    (correct) => {
      const created: Entry[] = []
      return {
        create(key, record) {
          created.push([key, copyRecord({ ...record, version: 0 })])
          return correct.create(key, record)
        },
        records: () => each(created.filter(([key]) => correct.exists(key))),
        async *byOwner(owner) {
          for (const [key, record] of created)
            if (correct.exists(key) && record.owner === owner) yield [key, record]
        },
      }
    },
    'listed: records yields each record as a load would',
    'listed: byOwner yields each record as a load would',
    'listed: a session is found by the owner that it has now',
    'listed: a session with another expiry and owner is listed for its owner alone',
    'listed: a session with changed values is listed for its owner alone',
    'listed: a session without values is listed for its owner alone',
  ),
  fault(
    'byOwner yields everybody',
    (correct) => ({ byOwner: () => correct.records() }),
    'listed: byOwner yields each live session of one owner once, and no other',
    'listed: every session of an owner can be deleted as it is listed',
    'listed: a new session is listed for its owner alone',
    'listed: owners with awkward names are not taken for one another',
  ),
  fault(
    'byOwner yields nobody',
    () => ({ byOwner: () => each([]) }),
    'listed: byOwner yields each live session of one owner once, and no other',
    'listed: byOwner yields each record as a load would',
    "isolated: records listed by owner are the caller's to change",
  ),
  fault(
    'byOwner finds owners whose name begins with the one that is asked for',
    (_correct, data) => ({
      byOwner: (owner) => each([...data].filter(([, record]) => record.owner?.startsWith(owner))),
    }),
    'listed: byOwner yields each live session of one owner once, and no other',
    'listed: owners with awkward names are not taken for one another',
  ),
  fault(
    'byOwner skips one for each that is deleted',
    (_correct, data) => ({
      async *byOwner(owner) {
        const owned = () => [...data].filter(([, record]) => record.owner === owner)
        for (let index = 0; index < owned().length; index++) yield owned()[index]!
      },
    }),
    'listed: every session of an owner can be deleted as it is listed',
  ),
  fault(
    'byOwner still finds what was deleted',
    (correct) => {
      const owned: [string | undefined, Entry][] = []
      return {
        create(key, record) {
          owned.push([record.owner, [key, copyRecord({ ...record, version: 0 })]])
          return correct.create(key, record)
        },
        byOwner: (owner) => each(owned.filter(([each]) => each === owner).map(([, entry]) => entry)),
      }
    },
    'gone is gone: the list by owner leaves out a deleted session',
    'expiry: the list by owner leaves out a session that was swept',
    'listed: every session of an owner can be deleted as it is listed',
  ),
]
