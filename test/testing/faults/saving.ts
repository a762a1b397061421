import { applyChange, copyRecord } from '../../../src/contract/record.ts'
import { fault, meanwhile } from '../fault.ts'

export const saving = [
  fault(
    'the last writer wins, with the whole record',
    (correct, data) => ({
      async save(key, change, options) {
        const before = correct.load(key)
        await meanwhile()
        if (!before || !data.has(key)) return { outcome: 'gone' }
        if ((options?.ifVersion ?? before.version) !== before.version)
          return { outcome: 'conflict', record: before }
        data.set(key, applyChange(before, change))
        return { outcome: 'saved', record: applyChange(before, change) }
      },
    }),
    'nothing lost: 50 overlapping saves of different values all stay',
    'nothing lost: each of 50 overlapping saves is given the record that it made',
    'nothing lost: of 50 overlapping saves of one value the last one stands',
    'nothing lost: overlapping saves that set and that delete all stay',
    'nothing lost: overlapping changes of values, expiry and owner all stay',
    'nothing lost: saves of one session leave the others alone',
    'exactly once: of 20 overlapping saves that name one version exactly one is saved',
    'exactly once: 200 increments from 8 overlapping loops lose none',
    'exactly once: of 20 overlapping saves that end a session by its version exactly one does, and the others find it gone',
    'exactly once: a session is either ended by its version or changed before, never both',
  ),
  fault(
    'a save applies its values one by one',
    (correct) => ({
      async save(key, change, options) {
        const { set = new Map(), ...rest } = change
        if (set.size < 2) return correct.save(key, change, options)
        for (const pair of set) {
          await meanwhile()
          correct.save(key, { set: new Map([pair]) })
        }
        return correct.save(key, rest)
      },
    }),
    'nothing lost: a load while saves are under way finds each save whole or not at all',
    'version: setting several values raises it by one',
  ),
  fault(
    'a save creates',
    (correct) => ({
      save(key, change, options) {
        const values = change.set ?? new Map()
        correct.create(key, { values, createdAt: Date.now(), expiresAt: Date.now() + 60_000 })
        return correct.save(key, change, options)
      },
    }),
    'never created: saving values to a session that never was says gone',
    'never created: deleting values of a session that never was says gone',
    'never created: an empty save to a session that never was says gone',
    'gone is gone: saving values to a deleted session says gone',
    'expiry: saving values to a session that was swept says gone',
  ),
  fault(
    'a conditional save ignores the version',
    (correct) => ({ save: (key, change) => correct.save(key, change) }),
    'exactly once: of 20 overlapping saves that name one version exactly one is saved',
    'exactly once: a session is not ended by a save that names another version',
    'whole: an empty save to a new session that names another version conflicts',
    "isolated: the record that a conflict hands over is the caller's to change",
  ),
  fault(
    'version 0 is taken for no version',
    (correct) => ({
      save: (key, change, options) => correct.save(key, change, options?.ifVersion ? options : {}),
    }),
    'exactly once: of 20 overlapping saves that name one version exactly one is saved',
    'exactly once: a session is not ended by a save that names another version',
  ),
  fault(
    'a conditional save accepts versions to come',
    (correct) => ({
      save: (key, change, options) =>
        correct.save(
          key,
          change,
          (options?.ifVersion ?? 0) > (correct.load(key)?.version ?? 0) ? {} : options,
        ),
    }),
    'whole: a save to a new session that names a version to come conflicts and changes nothing',
  ),
  fault(
    'a conditional save accepts older versions',
    (correct) => ({
      save: (key, change, options) =>
        correct.save(
          key,
          change,
          (options?.ifVersion ?? 0) < (correct.load(key)?.version ?? 0) ? {} : options,
        ),
    }),
    'whole: a save to a session with changed values that names an older version conflicts and changes nothing',
  ),
  fault(
    'a conditional save of the right version conflicts',
    (correct) => ({
      save: (key, change, options) =>
        correct.save(
          key,
          change,
          options?.ifVersion === undefined ? {} : { ifVersion: options.ifVersion + 1 },
        ),
    }),
    'whole: a save to a new session that names its version is saved',
    'whole: an expiry saved to a new session by its version is saved',
    'whole: an empty save to a new session that names its version only looks',
    'exactly once: a session is ended by the save that names its version',
  ),
  fault(
    'a conflict applies the expiry and the owner',
    (correct) => ({
      save(key, change, options) {
        const result = correct.save(key, change, options)
        const { set: _set, delete: _delete, ...rest } = change
        if (result.outcome === 'conflict') correct.save(key, rest)
        return result
      },
    }),
    'whole: a save to a new session that names an older version conflicts and changes nothing',
    'exactly once: a session is not ended by a save that names another version',
  ),
  fault(
    'a conflict hands over what the caller had',
    (correct, data) => ({
      save(key, change, options) {
        const result = correct.save(key, change, options)
        if (result.outcome !== 'conflict') return result
        return {
          outcome: 'conflict',
          record: { ...copyRecord(data.get(key)!), version: options!.ifVersion! },
        }
      },
    }),
    'whole: a save to a session with changed values that names an older version conflicts and changes nothing',
  ),
  fault(
    'a save returns the record as it was before',
    (correct) => ({
      save(key, change, options) {
        const before = correct.load(key)
        const result = correct.save(key, change, options)
        return result.outcome === 'saved' && before ? { outcome: 'saved', record: before } : result
      },
    }),
    'whole: saving values to a new session applies to what is there now',
    'whole: saving only an expiry to a new session leaves the rest',
    'version: setting a value raises it by one',
  ),
  fault(
    'an expiry-only save drops the values',
    (correct) => ({
      save(key, change, options) {
        const names = [...(correct.load(key)?.values.keys() ?? [])]
        const only = change.expiresAt !== undefined && !change.set && !change.delete
        return correct.save(key, only ? { ...change, delete: names } : change, options)
      },
    }),
    'whole: saving only an expiry to a new session leaves the rest',
    'expiry: an extended session outlives its first expiry',
  ),
  fault(
    'an owner is never taken away',
    (correct) => ({
      save: (key, { owner, ...rest }, options) =>
        correct.save(key, owner ? { ...rest, owner } : rest, options),
    }),
    'whole: taking the owner from a new session leaves the rest',
    'listed: a session is found by the owner that it has now',
  ),
  fault(
    'an owner can only be set once',
    (correct) => ({
      save(key, { owner, ...rest }, options) {
        const given = owner !== undefined && correct.load(key)?.owner === undefined
        return correct.save(key, given ? { ...rest, owner } : rest, options)
      },
    }),
    'whole: setting the owner of a new session leaves the rest',
  ),
  fault(
    'what a save both deletes and sets is deleted',
    (correct) => ({
      save(key, change, options) {
        const set = new Map(change.set)
        for (const name of change.delete ?? []) set.delete(name)
        return correct.save(key, { ...change, set }, options)
      },
    }),
    'version: a key that one save both deletes and sets is set',
  ),
  fault(
    'a save starts the life of the session anew',
    (correct, data) => ({
      save(key, change, options) {
        const result = correct.save(key, change, options)
        if (result.outcome === 'saved') data.set(key, { ...data.get(key)!, createdAt: Date.now() + 1 })
        return result
      },
    }),
    'whole: saving values to a new session applies to what is there now',
    'whole: saving everything at once to a new session applies it whole',
  ),
]
