import type { SessionKey } from '../../../src/contract/key.ts'
import {
  applyChange,
  copyRecord,
  type SessionChange,
  type SessionRecord,
} from '../../../src/contract/record.ts'
import { fault, meanwhile } from '../fault.ts'

const HOUR = 3_600_000

/** The cases in which a session that has ended is created anew. */
export const MADE_ANEW = [
  'gone is gone: creating a deleted session anew makes a new session',
  'gone is gone: creating a session that a save has ended anew makes a new session',
  'expiry: creating a session that was stored expired anew makes a new session',
  'expiry: creating a session that expired in use anew makes a new session',
  'expiry: creating a session that was swept anew makes a new session',
] as const

export const gone = [
  fault(
    'a save under way undoes a delete',
    (correct, data) => ({
      async save(key, change, options) {
        const found = correct.exists(key)
        const last = data.get(key)
        await meanwhile()
        if (!found || !last) return { outcome: 'gone' }
        const current = data.get(key) ?? last
        if ((options?.ifVersion ?? current.version) !== current.version)
          return { outcome: 'conflict', record: current }
        data.set(key, applyChange(current, change))
        return { outcome: 'saved', record: applyChange(current, change) }
      },
    }),
    'gone is gone: saves under way before and after a delete do not bring the session back',
    'gone is gone: a session is absent as soon as its delete has returned, whatever is under way',
  ),
  fault(
    'a delete returns before it is done',
    (correct) => ({
      delete(key) {
        const found = correct.exists(key)
        void meanwhile().then(() => correct.delete(key))
        return found
      },
    }),
    'whole: deleting a new session says that it was there, and it is gone',
    'gone is gone: a session is absent as soon as its delete has returned, whatever is under way',
    'gone is gone: loading a deleted session finds nothing',
    'gone is gone: a deleted session does not exist',
  ),
  fault(
    'a save brings a deleted session back from a bin',
    (correct, data) => {
      const bin = new Map<SessionKey, SessionRecord>()
      return {
        delete(key) {
          const record = correct.load(key)
          if (record) bin.set(key, record)
          return correct.delete(key)
        },
        save(key, change, options) {
          const old = bin.get(key)
          if (old && !data.has(key)) data.set(key, old)
          return correct.save(key, change, options)
        },
      }
    },
    'gone is gone: saving values to a deleted session says gone',
    'gone is gone: extending a deleted session says gone',
    'gone is gone: setting the owner of a deleted session says gone',
    'gone is gone: a save to a deleted session that names its last version says gone',
  ),
  fault(
    'a delete only empties the session',
    (correct) => ({
      delete(key) {
        const record = correct.load(key)
        return (
          record !== undefined && correct.save(key, { delete: [...record.values.keys()] }).outcome === 'saved'
        )
      },
    }),
    'whole: deleting a new session says that it was there, and it is gone',
    'gone is gone: the list of sessions leaves out a deleted session',
    'gone is gone: the list by owner leaves out a deleted session',
  ),
  fault(
    'a delete always says that it found something',
    (correct) => ({ delete: (key) => correct.delete(key) || true }),
    'never created: deleting a session that never was says that there was none',
    'gone is gone: deleting a deleted session says that there was none',
    'expiry: deleting a session that was swept says that there was none',
    'exactly once: of 20 overlapping deletions exactly one finds the session',
  ),
  fault(
    'a delete does not say what it found',
    (correct) => ({
      delete(key) {
        correct.delete(key)
        return undefined as unknown as boolean
      },
    }),
    'expiry: deleting a session that was stored expired leaves it absent',
    'gone is gone: deleting a session that a save has ended leaves it absent',
  ),
  fault(
    'overlapping deletions each find the session',
    (correct) => ({
      async delete(key) {
        const found = correct.exists(key)
        await meanwhile()
        correct.delete(key)
        return found
      },
    }),
    'exactly once: of 20 overlapping deletions exactly one finds the session',
  ),
  fault(
    'overlapping creations each take the key',
    (correct, data) => ({
      async create(key, record) {
        const taken = correct.exists(key)
        await meanwhile()
        if (!taken) data.set(key, copyRecord({ ...record, version: 0 }))
        return !taken
      },
    }),
    'exactly once: of 20 overlapping creations under one key exactly one takes it',
  ),
  fault(
    'a creation replaces what is there',
    (correct, data) => ({
      create(key, record) {
        data.delete(key)
        return correct.create(key, record)
      },
    }),
    'whole: creating a new session once more is refused, and the first record stands',
    'whole: creating a session with changed values once more is refused, and the first record stands',
  ),
  fault(
    'a creation under a former key keeps what was there',
    (correct, data) => {
      const former = new Map<SessionKey, SessionRecord>()
      return {
        create(key, record) {
          const values = new Map([...(former.get(key)?.values ?? []), ...record.values])
          if (!correct.create(key, { ...record, values })) return false
          former.set(key, data.get(key)!)
          return true
        },
      }
    },
    ...MADE_ANEW,
  ),
  fault(
    'what has expired keeps its key until it is swept',
    (correct, data) => ({
      create: (key, record) => !data.has(key) && correct.create(key, record),
    }),
    'expiry: creating a session that was stored expired anew makes a new session',
    'expiry: creating a session that expired in use anew makes a new session',
  ),
  fault(
    'a creation says that it is done before it is',
    (correct) => ({
      create(key, record) {
        const free = !correct.exists(key)
        const copy = copyRecord({ ...record, version: 0 })
        meanwhile()
          .then(() => correct.create(key, copy))
          .catch(() => {})
        return free
      },
    }),
    'never created: creating a session that never was anew makes a new session',
    'whole: a session without values is a session',
  ),
  ...(
    [
      ['values', (change) => change.set !== undefined && change.expiresAt === undefined, 'saving values to'],
      ['values and expiry', (change) => change.set !== undefined, 'saving values and an expiry to'],
      ['deletion', (change) => change.delete !== undefined, 'deleting values of'],
      ['expiry', (change) => change.expiresAt !== undefined, 'extending'],
      ['owner', (change) => typeof change.owner === 'string', 'setting the owner of'],
      ['no owner', (change) => change.owner === null, 'taking the owner from'],
      ['empty change', (change) => Object.keys(change).length === 0, 'an empty save to'],
    ] satisfies [string, (change: SessionChange) => boolean, string][]
  ).map(([kind, matches, title]) =>
    fault(
      `a save (${kind}) says saved whatever became of the session`,
      (correct) => ({
        save(key, change, options) {
          const result = correct.save(key, change, options)
          if (result.outcome !== 'gone' || !matches(change) || options?.ifVersion === 7) return result
          const record = {
            version: 0,
            values: new Map(),
            createdAt: Date.now(),
            expiresAt: Date.now() + HOUR,
          }
          return { outcome: 'saved', record }
        },
      }),
      ...[
        'never created: % a session that never was says gone',
        'gone is gone: % a deleted session says gone',
        'gone is gone: % a session that a save has ended says gone',
        'expiry: % a session that was stored expired says gone',
        'expiry: % a session that expired in use says gone',
        'expiry: % a session that was swept says gone',
      ].map((each) => each.replace('%', title)),
    ),
  ),
  fault(
    'a conditional save to an absent session conflicts',
    (correct) => ({
      save(key, change, options) {
        const result = correct.save(key, change, options)
        if (result.outcome !== 'gone' || options?.ifVersion === undefined) return result
        const record = { version: 9, values: new Map(), createdAt: Date.now(), expiresAt: Date.now() + HOUR }
        return { outcome: 'conflict', record }
      },
    }),
    'gone is gone: a save to a deleted session that names another version says gone, not conflict',
    'never created: a save to a session that never was that names its last version says gone',
    'expiry: extending a session that was swept by its version says gone',
    'exactly once: of 20 overlapping saves that end a session by its version exactly one does, and the others find it gone',
  ),
  fault(
    'absence is an error',
    (correct) => ({
      load(key) {
        const record = correct.load(key)
        if (!record) throw new Error('not found')
        return record
      },
    }),
    'never created: loading a session that never was finds nothing',
    "opened: two stores don't see each other's sessions",
  ),
]
