import { isNoSession, type SessionKey } from '../../../src/contract/key.ts'
import { applyChange, copyRecord, type SessionRecord } from '../../../src/contract/record.ts'
import { fault, meanwhile } from '../fault.ts'
import { MADE_ANEW } from './gone.ts'

const ANEW = (title: string) =>
  `free again: of 20 overlapping creations under the key of a record ${title} one makes a new record`
const VERSION = (title: string) => `free again: a record in the place of one ${title} has its own version`
const OFTEN = 'free again: a key is used again as often as it is wanted'
const MEANWHILE =
  'free again: what is saved while a record expires and its key is used again is in the new record, or gone'
const ENDS = ['that has expired', 'that was deleted', 'that a save has ended']

export const freeAgain = [
  fault(
    'a key is used only once',
    (correct) => {
      const used = new Set<SessionKey>()
      return {
        create(key, record) {
          if (used.has(key)) return false
          used.add(key)
          return correct.create(key, record)
        },
      }
    },
    ...ENDS.flatMap((title) => [ANEW(title), VERSION(title)]),
    OFTEN,
    ...MADE_ANEW,
  ),
  fault(
    'what has expired is replaced without a look at who else replaces it',
    (correct, data) => ({
      async create(key, record) {
        const former = data.get(key)
        if (!former || former.expiresAt > Date.now()) return correct.create(key, record)
        await meanwhile()
        data.set(key, copyRecord({ version: 0, ...record }))
        return true
      },
    }),
    ANEW('that has expired'),
    ANEW('that a save has ended'),
  ),
  fault(
    'several make a new record in the place of one that was deleted',
    (correct, data) => {
      const deleted = new Set<SessionKey>()
      return {
        delete(key) {
          deleted.add(key)
          return correct.delete(key)
        },
        create(key, record) {
          if (!deleted.has(key)) return correct.create(key, record)
          data.set(key, copyRecord({ version: 0, ...record }))
          return true
        },
      }
    },
    ANEW('that was deleted'),
  ),
  fault(
    'a new record goes on from the version of the one before',
    (correct) => {
      const last = new Map<SessionKey, number>()
      return {
        save(key, change, options) {
          const result = correct.save(key, change, options)
          if (result.outcome === 'saved') last.set(key, result.record.version)
          return result
        },
        create: (key, record) => correct.create(key, { version: last.get(key) ?? 0, ...record }),
      }
    },
    VERSION('that was deleted'),
    VERSION('that a save has ended'),
  ),
  fault(
    'a new record that is no session starts at a version of its own',
    (correct, data) => ({
      create(key, record) {
        const version = isNoSession(key) && data.has(key) ? 2 : 0
        return correct.create(key, { version, ...record })
      },
    }),
    VERSION('that has expired'),
    VERSION('that a save has ended'),
  ),
  fault(
    'a save changes the record that it was sent for, whatever is there by then',
    (correct, data) => {
      const known = new Map<SessionKey, SessionRecord>()
      return {
        create(key, record) {
          if (!known.has(key)) known.set(key, copyRecord({ version: 0, ...record }))
          return correct.create(key, record)
        },
        async save(key, change, options) {
          await meanwhile()
          const result = correct.save(key, change, options)
          const former = known.get(key)
          if (result.outcome !== 'saved' || !former) return result
          const changed = applyChange(former, change)
          known.set(key, changed)
          data.set(key, { ...changed, expiresAt: result.record.expiresAt })
          return { outcome: 'saved', record: copyRecord(changed) }
        },
      }
    },
    MEANWHILE,
  ),
]
