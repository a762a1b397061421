import type { SessionChange } from '../../../src/contract/record.ts'
import { type Fault, fault } from '../fault.ts'

/** A store that counts a change of values by a rule of its own. */
function counts(
  what: string,
  raise: (change: SessionChange, sameText: boolean) => number,
  ...caughtBy: string[]
): Fault {
  return fault(
    what,
    (correct, data) => ({
      save(key, change, options) {
        const before = correct.load(key)
        const result = correct.save(key, change, options)
        if (result.outcome !== 'saved' || !before) return result
        const sameText = [...(change.set ?? [])].every(([name, text]) => before.values.get(name) === text)
        const version = before.version + raise(change, sameText)
        data.set(key, { ...data.get(key)!, version })
        return { outcome: 'saved', record: { ...result.record, version } }
      },
    }),
    ...caughtBy,
  )
}

const sets = ({ set }: SessionChange) => set?.size ?? 0
const deletes = (change: SessionChange) => change.delete?.length ?? 0
const values = (change: SessionChange) => (sets(change) + deletes(change) > 0 ? 1 : 0)

export const versions = [
  counts(
    'an expiry raises the version',
    (change) => Math.max(values(change), change.expiresAt === undefined ? 0 : 1),
    'version: an expiry alone leaves it',
    'version: an expiry and an owner leave it',
    'whole: saving only an expiry to a new session leaves the rest',
  ),
  counts(
    'an owner raises the version',
    (change) => Math.max(values(change), change.owner === undefined ? 0 : 1),
    'version: an owner alone leaves it',
    'version: taking the owner away leaves it',
  ),
  counts(
    'every save raises the version',
    () => 1,
    'version: an empty save leaves it',
    'version: an empty set and an empty delete leave it',
    'whole: an empty save to a new session only looks',
    'whole: an empty set and an empty delete saved to a new session only look',
  ),
  counts(
    'the version counts the values',
    (change) => sets(change) + deletes(change),
    'version: setting several values raises it by one',
    'version: setting and deleting in one save raises it by one',
  ),
  counts(
    'deleting leaves the version',
    (change) => (sets(change) > 0 ? 1 : 0),
    'version: deleting a value raises it',
    'version: deleting a value that is not there raises it',
  ),
  counts(
    'setting a value to the text it has leaves the version',
    (change, sameText) => (deletes(change) > 0 || !sameText ? values(change) : 0),
    'version: setting a value to the text it has raises it',
  ),
  counts(
    'a save of everything leaves the version',
    (change) => (change.owner && change.expiresAt ? 0 : values(change)),
    'version: values, expiry and owner in one save raise it by one',
  ),
]
