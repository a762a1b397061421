import type { SessionChange } from '../../../src/contract/record.ts'
import { fault } from '../fault.ts'

/** An answer in place of a refusal. */
function unlessRefused<T>(answer: () => T, otherwise: T): T {
  try {
    return answer()
  } catch {
    return otherwise
  }
}

const CREATE = 'create refuses what is no record, and touches nothing'
const CREATE_TAKEN = 'create refuses what is no record under a key that is taken, too'
const SAVE = 'save refuses what is no change, and touches nothing'
const SAVE_GONE = 'save refuses what is no change of a session that is gone, too'
const VERSION = 'save refuses a version that is none, and touches nothing'
const EMPTY = 'an empty save refuses a version that is none'

/** A time of another kind, made one that the correct store takes. */
const coerced = <T extends { expiresAt?: number }>(given: T): T =>
  typeof given?.expiresAt === 'string' ? { ...given, expiresAt: Number(given.expiresAt) } : given

/** One that the correct store takes in the place of a longer one. */
const shortOwner = <T extends { owner?: string | null }>(given: T): T =>
  typeof given?.owner === 'string' ? { ...given, owner: given.owner.slice(0, 100) } : given

export const refusing = [
  fault(
    'what is no record is answered as a key that is taken',
    (correct) => ({ create: (key, record) => unlessRefused(() => correct.create(key, record), false) }),
    `refused: ${CREATE}`,
    `refused: ${CREATE_TAKEN}`,
  ),
  fault(
    'a record is looked at where its key is free alone',
    (correct) => ({
      create: (key, record) =>
        !unlessRefused(() => correct.exists(key), false) && correct.create(key, record),
    }),
    `refused: ${CREATE_TAKEN}`,
  ),
  fault(
    'a text is taken for the number in it',
    (correct) => ({
      create: (key, record) => correct.create(key, coerced(record)),
      save: (key, change, options) => correct.save(key, coerced(change), options),
    }),
    `refused: ${CREATE}`,
    `refused: ${SAVE}`,
  ),
  fault(
    'a record is refused once it is half stored',
    (correct, data) => ({
      create(key, record) {
        if (record?.expiresAt > Date.now() && !data.has(key)) {
          data.set(key, { version: 0, values: new Map(), createdAt: 0, expiresAt: record.expiresAt })
          unlessRefused(() => correct.create(key, { ...record, values: new Map() }), false)
        }
        return correct.create(key, record)
      },
    }),
    `refused: ${CREATE}`,
  ),
  fault(
    'what is no change is answered as a session that is gone',
    (correct) => ({
      save: (key, change, options) =>
        unlessRefused(() => correct.save(key, change, options), { outcome: 'gone' }),
    }),
    `refused: ${SAVE}`,
    `refused: ${SAVE_GONE}`,
    `refused: ${VERSION}`,
    `refused: ${EMPTY}`,
  ),
  fault(
    'a change is looked at where there is something to change alone',
    (correct) => ({
      save: (key, change, options) =>
        unlessRefused(() => correct.exists(key), true)
          ? correct.save(key, change, options)
          : { outcome: 'gone' },
    }),
    `refused: ${SAVE_GONE}`,
  ),
  fault(
    'a change is refused once it is half made',
    (correct) => ({
      save(key, change: SessionChange, options) {
        const owner = change?.owner
        if (typeof owner === 'string') unlessRefused(() => correct.save(key, { owner }), { outcome: 'gone' })
        return correct.save(key, change, options)
      },
    }),
    `refused: ${SAVE}`,
  ),
  fault(
    'owners of any length are taken',
    (correct) => ({
      create: (key, record) => correct.create(key, shortOwner(record)),
      save: (key, change, options) => correct.save(key, shortOwner(change), options),
    }),
    `refused: ${CREATE}`,
    `refused: ${SAVE}`,
  ),
  fault(
    'a version that is none is one that nothing has',
    (correct) => ({
      save(key, change, options) {
        const wrong = options !== undefined && !Number.isSafeInteger(options?.ifVersion)
        return correct.save(key, change, wrong ? { ifVersion: 2 ** 40 } : options)
      },
    }),
    `refused: ${VERSION}`,
    `refused: ${EMPTY}`,
  ),
  fault(
    'a refusal quotes the owner',
    (correct) => ({
      create(key, record) {
        const owner: unknown = record?.owner
        if (typeof owner === 'object' && owner) throw new TypeError(`${JSON.stringify(owner)} is no owner`)
        return correct.create(key, record)
      },
    }),
    `refused: ${CREATE}`,
  ),
  fault(
    'what is no owner has no sessions',
    (correct) => ({
      async *byOwner(owner) {
        if (typeof owner === 'string') yield* correct.byOwner(owner)
      },
    }),
    'refused: byOwner refuses what is no owner',
  ),
]
