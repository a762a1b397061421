import { setTimeout as sleep } from 'node:timers/promises'
import { applyChange, copyRecord } from '../../../src/contract/record.ts'
import { fault } from '../fault.ts'

export const expiry = [
  fault(
    'load returns what has expired',
    (correct, data) => ({
      load(key) {
        correct.exists(key)
        const record = data.get(key)
        return record && copyRecord(record)
      },
    }),
    'expiry: loading a session that was stored expired finds nothing',
    'expiry: loading a session that expired in use finds nothing',
    'gone is gone: loading a session that a save has ended finds nothing',
    'expiry: a shortened session ends at its new expiry',
    'expiry: a session that expires takes no other with it',
    'expiry: a save that changes values and ends the session is its last',
  ),
  fault(
    'exists counts what has expired',
    (correct, data) => ({ exists: (key) => correct.exists(key) || data.has(key) }),
    'expiry: a session that was stored expired does not exist',
    'expiry: a session that expired in use does not exist',
    'gone is gone: a session that a save has ended does not exist',
  ),
  fault(
    'records yields what has expired',
    (_correct, data) => ({
      async *records() {
        for (const [key, record] of data) yield [key, copyRecord(record)]
      },
    }),
    'expiry: the list of sessions leaves out a session that was stored expired',
    'expiry: the list of sessions leaves out a session that expired in use',
    'gone is gone: the list of sessions leaves out a session that a save has ended',
    'listed: records yields each live session once, and no other',
  ),
  fault(
    'byOwner yields what has expired',
    (_correct, data) => ({
      async *byOwner(owner) {
        for (const [key, record] of data) if (record.owner === owner) yield [key, copyRecord(record)]
      },
    }),
    'expiry: the list by owner leaves out a session that was stored expired',
    'expiry: the list by owner leaves out a session that expired in use',
    'gone is gone: the list by owner leaves out a session that a save has ended',
    'listed: byOwner yields each live session of one owner once, and no other',
  ),
  fault(
    'an extension revives an expired session',
    (correct, data) => ({
      save(key, change, options) {
        const record = data.get(key)
        if (record && change.expiresAt) data.set(key, applyChange(record, { expiresAt: change.expiresAt }))
        return correct.save(key, change, options)
      },
    }),
    'expiry: extending a session that was stored expired says gone',
    'expiry: extending a session that expired in use says gone',
    'expiry: extending a session that expired in use by its version says gone',
    'expiry: saving values and an expiry to a session that expired in use says gone',
    'gone is gone: extending a session that a save has ended says gone',
    'gone is gone: extending a session that a save has ended by its version says gone',
    'expiry: a save that changes values and ends the session is its last',
  ),
  fault(
    'a save can only extend',
    (correct) => ({
      save(key, { expiresAt, ...rest }, options) {
        const now = correct.load(key)?.expiresAt ?? 0
        return correct.save(
          key,
          expiresAt === undefined ? rest : { ...rest, expiresAt: Math.max(now, expiresAt) },
          options,
        )
      },
    }),
    'exactly once: a session is ended by the save that names its version',
    'expiry: a shortened session ends at its new expiry',
    'swept: a sweep removes a session that a save has ended',
  ),
  fault(
    'the first expiry stands',
    (correct, data) => {
      const firstExpiry = new Map<string, number>()
      return {
        create(key, record) {
          firstExpiry.set(key, record.expiresAt)
          return correct.create(key, record)
        },
        load(key) {
          if ((firstExpiry.get(key) ?? 0) <= Date.now()) data.delete(key)
          return correct.load(key)
        },
      }
    },
    'expiry: an extended session outlives its first expiry',
  ),
  fault(
    'an expiry is kept in seconds',
    (correct) => ({
      create: (key, record) =>
        correct.create(key, { ...record, expiresAt: Math.floor(record.expiresAt / 1000) * 1000 }),
    }),
    'whole: moments are kept to the millisecond',
  ),
  fault(
    'what expires takes the others with it',
    (correct, data) => ({
      load(key) {
        const record = correct.load(key)
        if (!record && data.has(key)) data.clear()
        return record
      },
    }),
    'expiry: a session that expires takes no other with it',
  ),
  fault(
    'a sweep goes by the expiry that it saw when it began',
    (_correct, data) => ({
      async clearExpired() {
        const seen = [...data]
        const soon = seen.find(([, { expiresAt }]) => expiresAt > Date.now() && expiresAt < Date.now() + 2000)
        if (soon) await sleep(soon[1].expiresAt - Date.now() + 1)
        const expired = seen.filter(([, { expiresAt }]) => expiresAt <= Date.now())
        for (const [key] of expired) data.delete(key)
        return { scanned: seen.length, removed: expired.length }
      },
    }),
    'expiry: what is extended while sweeps are under way stays',
  ),
]
