import type { SessionKey } from '../../../src/contract/key.ts'
import { applyChange, copyRecord, type SessionRecord } from '../../../src/contract/record.ts'
import { minimalStore } from '../../../src/testing/minimal-store.ts'
import { type Fault, fault, faultBetweenObjects, meanwhile } from '../fault.ts'

export const twoObjects: Fault[] = [
  faultBetweenObjects(
    'load keeps what it once found',
    (correct) => {
      const seen = new Map<SessionKey, SessionRecord>()
      return {
        load(key) {
          const record = seen.get(key) ?? correct.load(key)
          if (record) seen.set(key, record)
          return record && copyRecord(record)
        },
      }
    },
    'gone is gone: loading a deleted session finds nothing',
    'gone is gone: loading a session that a save has ended finds nothing',
    'expiry: loading a session that expired in use finds nothing',
    'whole: loading a session with changed values returns it as it is',
    'whole: loading a session with another expiry and owner returns it as it is',
    'expiry: an extended session outlives its first expiry',
  ),
  faultBetweenObjects(
    'load keeps that it found nothing',
    (correct) => {
      const missed = new Set<SessionKey>()
      return {
        load(key) {
          const record = missed.has(key) ? undefined : correct.load(key)
          if (!record) missed.add(key)
          return record
        },
      }
    },
    'whole: loading a new session returns it as it is',
  ),
  faultBetweenObjects(
    'a save applies to what its object has seen',
    (correct, data) => {
      const seen = new Map<SessionKey, SessionRecord>()
      return {
        load(key) {
          const record = correct.load(key)
          if (record) seen.set(key, record)
          return record && copyRecord(record)
        },
        save(key, change, options) {
          const result = correct.save(key, change, options)
          if (result.outcome !== 'saved') return result
          const record = applyChange(seen.get(key) ?? result.record, change)
          data.set(key, record)
          seen.set(key, record)
          return { outcome: 'saved', record: copyRecord(record) }
        },
      }
    },
    'nothing lost: 50 overlapping saves of different values all stay',
    'whole: saving values to a session with changed values applies to what is there now',
    'whole: saving only an expiry to a session with changed values leaves the rest',
  ),
  faultBetweenObjects(
    'a conditional save compares with the version that its object has seen',
    (correct) => {
      const seen = new Map<SessionKey, number>()
      return {
        load(key) {
          const record = correct.load(key)
          if (record) seen.set(key, record.version)
          return record
        },
        save(key, change, options) {
          const matches = options?.ifVersion !== undefined && seen.get(key) === options.ifVersion
          return correct.save(key, change, matches ? {} : options)
        },
      }
    },
    'exactly once: a session is not ended by a save that names another version',
    'exactly once: 200 increments from 8 overlapping loops lose none',
  ),
  faultBetweenObjects(
    'a deleted session lives on where it was seen',
    (correct, data) => {
      const seen = new Map<SessionKey, SessionRecord>()
      return {
        load(key) {
          const record = correct.load(key)
          if (record) seen.set(key, record)
          return record && copyRecord(record)
        },
        save(key, change, options) {
          const known = seen.get(key)
          if (known && !data.has(key)) data.set(key, known)
          return correct.save(key, change, options)
        },
      }
    },
    'gone is gone: saving values to a deleted session says gone',
    'gone is gone: extending a deleted session says gone',
    'gone is gone: an empty save to a deleted session says gone',
    'expiry: saving values to a session that was swept says gone',
  ),
  {
    fault: 'a second store object has data of its own',
    options: { open: () => minimalStore(), reopen: () => minimalStore() },
    caughtBy: [
      'opened: a second store object sees the sessions of the first, and the first those of the second',
      'whole: loading a new session returns it as it is, through two store objects',
    ],
  },
  closesTheFirst(),
  fault(
    'a session that is saved is not there for a moment',
    (correct, data) => ({
      async save(key, change, options) {
        const result = correct.save(key, change, options)
        const record = data.get(key)
        if (!record || !change.set?.has('left')) return result
        data.delete(key)
        await meanwhile()
        data.set(key, record)
        return result
      },
    }),
    'nothing lost: a load while saves are under way finds each save whole or not at all',
  ),
]

function closesTheFirst(): Fault {
  const closeBoth = new WeakMap<object, () => void>()
  const open = () => {
    const data = new Map()
    let closed = false
    const correct = minimalStore(data)
    const make = (close: () => void) => ({
      ...correct,
      load(key: SessionKey) {
        if (closed) throw new Error('closed')
        return correct.load(key)
      },
      close,
    })
    const first = make(() => {})
    closeBoth.set(first, () => {
      closed = true
    })
    return first
  }
  return {
    fault: 'closing the second store object closes the first',
    options: { open, reopen: (store) => ({ ...store, close: closeBoth.get(store)! }) },
    caughtBy: ['opened: closing one of two store objects leaves the other open and its sessions there'],
  }
}
