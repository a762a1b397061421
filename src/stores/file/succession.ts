import { isPromise, type Steps, settled } from '../../contract/wait.ts'
import { StoreBusyError } from '../../errors.ts'
import { fileLabel } from './directory.ts'
import type { Folds } from './folds.ts'
import type { Seal } from './journal/replay.ts'
import type { JournalNames } from './names.ts'
import type { OpenJournal, OpenJournals } from './open-journals.ts'
import type { Surroundings } from './surroundings.ts'

/** How long a holder that can't be looked at (another container, say) is waited for. */
const UNKNOWN_HOLDER_MS = 30_000

/** Looks that wait for no more than the events that are due: a fold takes about as long as one rename. */
const QUICK_LOOKS = 20
const LONGEST_PAUSE_MS = 10

/** Looks of who can't wait. */
const FEW_LOOKS = 5

/** What waiting for a successor works with. */
export interface SuccessionParts extends Pick<Surroundings, 'clock' | 'holders' | 'report'> {
  readonly names: JournalNames
  readonly journals: OpenJournals
  readonly folds: Folds
  /** Milliseconds that a save or a delete waits for a fold of another process. */
  readonly busyTimeout: number
}

/**
 * Waits for the files that take the place of sealed journals, and sees to those whose holder can't any more.
 * It guards since when each holder that can't be looked at is waited for.
 */
export class Succession {
  /** Times that somebody waited. */
  waits = 0
  readonly #parts: SuccessionParts
  /** Seals whose holder can't be looked at, by id, and when each was first met (monotonic). */
  readonly #suspects = new Map<string, number>()

  constructor(parts: SuccessionParts) {
    this.#parts = parts
  }

  /**
   * Waits until another file has taken a sealed journal's place: then the path is to be opened again. Throws
   * StoreBusyError when the time is up; nothing is lost.
   */
  *wait(sealed: OpenJournal): Steps<void> {
    const { clock, folds, busyTimeout } = this.#parts
    const { journal, key } = sealed
    const started = clock.monotonic()
    this.waits++
    journal.pin()
    try {
      for (let look = 0, joined = false; ; look++) {
        const seal = this.#sealInForce(sealed)
        if (!seal) return
        // A try that was under way may have failed before whatever was wrong was mended: it is joined one time.
        if (!joined && folds.isUnderWay(key) && this.#isHeldHere(seal)) {
          joined = yield* folds.join(key)
          continue
        }
        if (yield* this.#helpAlong(sealed, seal)) continue
        if (clock.monotonic() - started > busyTimeout) throw busy(seal)
        yield* settled(
          clock.pause(look < QUICK_LOOKS ? 0 : Math.min(look - QUICK_LOOKS + 1, LONGEST_PAUSE_MS)),
        )
        journal.refresh()
      }
    } finally {
      journal.unpin()
    }
  }

  /**
   * {@link wait} for who can't: a few looks, as the rename of a living holder is microseconds away. Throws
   * StoreBusyError if it has not come by then. What has to wait for the device is begun, and goes on without
   * the caller.
   */
  replaceWithoutWaiting(sealed: OpenJournal): void {
    const { journal } = sealed
    journal.pin()
    try {
      for (let look = 0; look < FEW_LOOKS; look++) {
        const seal = this.#sealInForce(sealed)
        if (!seal) return
        if (this.#isBegun(sealed, seal)) break
        journal.refresh()
      }
      if (journal.state.phase === 'sealed') throw stillSealed()
    } finally {
      journal.unpin()
    }
  }

  /** The seal that others wait for. `undefined`: another file has the journal's name, or it is sealed no more. */
  #sealInForce(sealed: OpenJournal): Seal | undefined {
    const { names, journals } = this.#parts
    const { journal } = sealed
    if (!names.hasItsName(sealed)) {
      journal.nameless = true
      journals.drop(sealed)
      return undefined
    }
    return journal.state.phase === 'sealed' ? journal.state.seal : undefined
  }

  #isHeldHere({ holder }: Seal): boolean {
    return this.#parts.holders.status(holder) === 'self'
  }

  /**
   * Helps along as far as that goes without waiting.
   * @returns whether the rest is under way, and takes its time
   */
  #isBegun(sealed: OpenJournal, seal: Seal): boolean {
    const { folds, report } = this.#parts
    const { key } = sealed
    if (folds.isUnderWay(key)) return true
    const helping = folds.carryOut(key, this.#helpAlong(sealed, seal))
    if (!isPromise(helping)) return false
    helping.catch((error: unknown) => report({ type: 'fold-failed', file: fileLabel(key), error }))
    return true
  }

  /**
   * Finishes the fold if nobody else will. A live holder is never replaced, so that no late rename undoes a newer file.
   * @returns whether it did something, so that another look is worth it without a pause
   */
  *#helpAlong(sealed: OpenJournal, seal: Seal): Steps<boolean> {
    const { folds, holders } = this.#parts
    const status = holders.status(seal.holder)
    if (status === 'alive') return false
    if (status === 'unknown' && this.#waitedFor(seal) <= UNKNOWN_HOLDER_MS) return false
    if (status === 'self') yield* settled(folds.goOn(sealed))
    else yield* folds.takeOver(sealed, seal)
    return true
  }

  #waitedFor({ id }: Seal): number {
    const now = this.#parts.clock.monotonic()
    const first = this.#suspects.get(id)
    if (first !== undefined) return now - first
    for (const [other, time] of this.#suspects)
      if (now - time > 10 * UNKNOWN_HOLDER_MS) this.#suspects.delete(other)
    this.#suspects.set(id, now)
    return 0
  }
}

function busy({ holder }: Seal): StoreBusyError {
  return new StoreBusyError(
    `Another process (pid ${holder.pid}) is folding the session's journal and has not finished in time, so nothing ` +
      'was changed. Try again; if it stays so, see whether that process is stopped, or raise `busyTimeout`.',
  )
}

/** For who can't wait: the fold may be this very process's, and has had no time to finish. */
function stillSealed(): StoreBusyError {
  return new StoreBusyError(
    "The session has expired while its journal is being folded, so that it can't be ended yet. Nothing was changed: " +
      'try again.',
  )
}
