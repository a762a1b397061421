import type { SessionKey } from '../../../contract/key.ts'
import { type Steps, settled } from '../../../contract/wait.ts'
import { StoreBusyError } from '../../../errors.ts'
import { cleanUp } from './clean-up.ts'
import { activate, copyIn, endVoid, type Fate, settle } from './copies.ts'
import { attemptsBefore, pendingCopy, type Seal, sealOf, sealWith } from './marks.ts'
import type { Pair } from './pair.ts'

/** How often a copy is refused because of what is there, and nothing is found there. */
const MOST_REFUSALS = 10

/**
 * Moves a session to `to`, or finishes what others have begun. `undefined`: there is none in `from`.
 *
 * Throws `StoreBusyError` (`UNTORN_STORE_BUSY`) if `to` takes no copy, and has none.
 */
export function* move(pair: Pair, key: SessionKey): Steps<Fate | undefined> {
  const { from, to } = pair
  let current = yield* settled(from.load(key))
  let refusals = 0
  while (current) {
    const before = sealOf(current)
    if (before?.chosen !== undefined) return yield* finish(pair, key, before.chosen)
    // Also if it is sealed: each attempt has a number of its own, so that no two copies can be taken for one another.
    const seal: Seal = {
      version: before?.version ?? current.version,
      attempts: (before?.attempts ?? attemptsBefore(key, current)) + 1,
    }
    const sealing = yield* settled(from.save(key, sealWith(seal), { ifVersion: current.version }))
    if (sealing.outcome === 'gone') return undefined
    current = sealing.record
    if (sealing.outcome === 'conflict') continue
    const copy = pendingCopy(current, seal)
    if (yield* settled(to.create(key, copy))) {
      const mark = { version: seal.version, attempt: seal.attempts }
      return yield* settle(pair, key, { mark, version: copy.version }, current)
    }
    const there = yield* settled(to.load(key))
    const other = there && copyIn(there)
    if (other) return yield* settle(pair, key, other, current)
    // Whatever it is that the key is taken by, it may be gone now.
    if (++refusals === MOST_REFUSALS) throw refused(pair)
    current = yield* settled(from.load(key))
  }
  return undefined
}

/** After a copy was chosen, what is in `to` is the session; there is no other copy to come. */
export function* finish(pair: Pair, key: SessionKey, chosen: number): Steps<Fate> {
  const { from, to } = pair
  const there = yield* settled(to.load(key))
  const copy = there && copyIn(there)
  if (copy?.mark.attempt === chosen) return yield* activate(pair, key, copy)
  if (copy) yield* endVoid(pair, key, copy)
  yield* cleanUp(from, key, chosen)
  if (!there || copy) return { fate: 'over' }
  return { fate: 'active', record: there, mark: undefined }
}

function refused({ from, to }: Pair): StoreBusyError {
  return new StoreBusyError(
    `A session could not be moved from ${nameOf(from)} to ${nameOf(to)}, where its key is taken and no session is found: ` +
      'somebody is about to write it or to remove it, or its record is damaged. Nothing is lost, and the session goes on ' +
      'where it was. Try again in a minute; if it stays so, see what the events of the store it moves to report.',
  )
}

const nameOf = (store: object): string => `the ${store.constructor?.name ?? 'store'}`
