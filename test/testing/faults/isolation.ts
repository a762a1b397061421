import { copyRecord, type SessionRecord } from '../../../src/contract/record.ts'
import { fault } from '../fault.ts'

type Mutable = { -readonly [Name in keyof SessionRecord]: SessionRecord[Name] }

export const isolation = [
  fault(
    'create keeps the Map that it was given',
    (correct, data) => ({
      create(key, record) {
        const free = correct.create(key, record)
        if (free) data.set(key, { ...record, version: 0 })
        return free
      },
    }),
    "isolated: a record that was given to create is the caller's to change",
  ),
  fault(
    'create keeps the record that it was given',
    (correct, data) => ({
      create(key, record) {
        const free = correct.create(key, record)
        if (free) data.set(key, Object.assign(record, { version: 0 }))
        return free
      },
    }),
    "isolated: a record that was given to create is the caller's to change",
    'isolated: what a store is given it leaves as it was',
  ),
  fault(
    'save applies what it was given when the session is next loaded',
    (correct) => {
      const pending: (() => void)[] = []
      const catchUp = () => {
        for (const apply of pending.splice(0)) apply()
      }
      return {
        save(key, change, options) {
          catchUp()
          const before = correct.load(key)
          const result = correct.save(key, change, options)
          if (result.outcome === 'saved' && change.set?.size && before) {
            const { set } = change
            pending.push(() => correct.save(key, { set }))
          }
          return result
        },
        load(key) {
          catchUp()
          return correct.load(key)
        },
      }
    },
    "isolated: a change that was given to save is the caller's to change",
  ),
  fault(
    'save takes out of a change what it has applied',
    (correct) => ({
      save(key, change, options) {
        const result = correct.save(key, change, options)
        const set = change.set as Map<string, string> | undefined
        set?.clear()
        return result
      },
    }),
    'isolated: what a store is given it leaves as it was',
  ),
  fault(
    'load returns the record that it keeps',
    (correct, data) => ({ load: (key) => correct.load(key) && data.get(key) }),
    "isolated: a loaded record is the caller's to change",
    'isolated: two callers that load one session have a record each',
  ),
  fault(
    'load returns the Map that it keeps',
    (correct, data) => ({
      load(key) {
        const record = correct.load(key)
        return record && { ...record, values: data.get(key)!.values }
      },
    }),
    "isolated: a loaded record is the caller's to change",
  ),
  fault(
    'save returns the record that it keeps',
    (correct, data) => ({
      save(key, change, options) {
        const result = correct.save(key, change, options)
        return result.outcome === 'gone' ? result : { ...result, record: data.get(key)! }
      },
    }),
    "isolated: the record that a save returned is the caller's to change",
    "isolated: the record that a change of values returned is the caller's to change",
    "isolated: the record that a conflict hands over is the caller's to change",
  ),
  fault(
    'the listings yield the records that the store keeps',
    (correct, data) => ({
      async *records() {
        for await (const [key] of correct.records()) yield [key, data.get(key)!]
      },
      async *byOwner(owner) {
        for await (const [key] of correct.byOwner(owner)) yield [key, data.get(key)!]
      },
    }),
    "isolated: listed records are the caller's to change",
    "isolated: records listed by owner are the caller's to change",
  ),
  fault(
    'the record that a conditional save made can be changed later by whoever has it',
    (correct, data) => ({
      save(key, change, options) {
        const result = correct.save(key, change, options)
        if (result.outcome !== 'conflict') return result
        const shared: Mutable = data.get(key)!
        return { outcome: 'conflict', record: { ...copyRecord(shared), values: shared.values } }
      },
    }),
    "isolated: the record that a conflict hands over is the caller's to change",
  ),
]
