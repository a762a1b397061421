import { isNoSession, type SessionKey } from '../../../src/contract/key.ts'
import { minimalStore } from '../../../src/testing/minimal-store.ts'
import { type Fault, fault } from '../fault.ts'

const reopen = 'the fault shows in one store object'

const COUNTS = {
  each: 'counted: each live session counts once, whose ever it is',
  changed: 'counted: a session that was changed counts once',
  ended: 'counted: what has ended counts once at most, and what lives beside it once',
  swept: 'counted: what has expired no longer counts once it was swept',
}

const counting: Fault[] = [
  {
    fault: 'the store has no count, and nobody says why',
    options: { open: () => ({ ...minimalStore(), count: undefined as never }), without: { reopen } },
    caughtBy: ['declared: the store has count, or it is said why not', COUNTS.each],
  },
  {
    fault: 'count is said to be missing, and is there',
    options: { open: () => minimalStore(), without: { reopen, count: 'not yet' } },
    caughtBy: ['declared: the store has count, or it is said why not'],
  },
  fault(
    'count stops after the first hundred',
    (correct) => ({ count: () => Math.min(correct.count(), 100) }),
    COUNTS.each,
  ),
  fault(
    'count leaves out who has signed in',
    (_correct, data) => ({ count: () => [...data.values()].filter(({ owner }) => !owner).length }),
    COUNTS.each,
  ),
  fault(
    'count is of all that was ever written',
    (correct) => {
      let count = 0
      return {
        create(key, record) {
          count += isNoSession(key) ? 0 : 1
          return correct.create(key, record)
        },
        save(key, change, options) {
          count++
          return correct.save(key, change, options)
        },
        count: () => count,
      }
    },
    COUNTS.changed,
    COUNTS.swept,
  ),
  fault(
    'what has ended is taken off twice',
    (correct) => {
      let taken = 0
      return {
        delete(key) {
          taken++
          return correct.delete(key)
        },
        count: () => correct.count() - taken,
      }
    },
    COUNTS.ended,
  ),
]

const noSessions: Fault[] = [
  fault(
    'what is no session is listed and counted like one',
    (correct, data) => ({
      records: () => correct.records({ all: true }),
      async *byOwner(owner) {
        for await (const entry of correct.records({ all: true })) if (entry[1].owner === owner) yield entry
      },
      count: () => data.size,
    }),
    'no session: records leaves it out',
    'no session: byOwner leaves it out',
    'no session: count leaves it out',
    'refused: byOwner refuses what is no owner',
  ),
  fault(
    'a sweep counts what is no session',
    (_correct, data) => ({
      async clearExpired() {
        const swept = { scanned: data.size, removed: 0 }
        for (const [key, { expiresAt }] of data)
          if (expiresAt <= Date.now() && data.delete(key)) swept.removed++
        return swept
      },
    }),
    'no session: a sweep removes it, and does not count it',
  ),
  fault(
    'what is no session is never listed',
    (correct) => ({ records: () => correct.records() }),
    'no session: records yields it, and each session, when it is asked for all',
  ),
  fault(
    'all is what is no session',
    (correct) => ({
      async *records({ all = false } = {}) {
        for await (const entry of correct.records({ all })) if (isNoSession(entry[0]) === all) yield entry
      },
    }),
    'no session: records yields it, and each session, when it is asked for all',
  ),
  fault(
    'what is no session can not be loaded',
    (correct) => ({ load: (key) => (isNoSession(key) ? undefined : correct.load(key)) }),
    'no session: a record of none is created, loaded and saved as any other',
  ),
  fault(
    'what is no session stays for ever',
    (correct, data) => ({
      delete: (key) => (isNoSession(key) ? data.has(key) : correct.delete(key)),
    }),
    'no session: a record of none is deleted and expires as any other',
  ),
]

const EXPIRES_NOW = 'clock: a session that expires at the time that it is has expired'
const EXPIRES_LATER = 'clock: a session that expires a minute after the time that it is is there'
const GOES_ON = 'clock: the time goes on, by milliseconds'
const HOUR = 3_600_000

const clocks: Fault[] = [
  fault('the time is an hour ahead', () => ({ now: () => Date.now() + HOUR }), EXPIRES_NOW),
  fault('the time is an hour behind', () => ({ now: () => Date.now() - HOUR }), EXPIRES_LATER),
  fault('the time is in seconds', () => ({ now: () => Date.now() / 1000 }), EXPIRES_LATER, GOES_ON),
  fault(
    'the time is that of the start',
    () => {
      const start = Date.now()
      return { now: () => start }
    },
    GOES_ON,
  ),
]

const ids: Fault[] = [
  fault(
    'a load looks for the id that it is given',
    (correct) => ({ load: (key, { id } = {}) => correct.load((id ?? key) as SessionKey) }),
    'whole: a load that is given the id, too, answers as without it',
  ),
]

/** What the contract has beside the session itself: counts, records that are none, the clock, the id. */
export const beside: Fault[] = [...counting, ...noSessions, ...clocks, ...ids]
