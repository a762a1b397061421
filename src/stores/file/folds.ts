import type { SessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import {
  after,
  attempt,
  isPromise,
  type MaybePromise,
  run,
  type Steps,
  settled,
} from '../../contract/wait.ts'
import { fileLabel, shardOf } from './directory.ts'
import { type Journal, TruncatedError } from './journal/journal.ts'
import type { Seal } from './journal/replay.ts'
import type { OpenJournal, OpenJournals } from './open-journals.ts'
import { discard, type Successor, type SuccessorParts, takesName, writeSuccessor } from './successor.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * A journal is folded when it is longer than this, and than so many times its base line. Longer, and a save pays less
 * for folds; shorter, and less has to be replayed by a process that meets the session for the first time.
 */
export const FOLD_BYTES = 64 * 1024
const FOLD_GROWTH = 4

const RETRY_MS = 1000

/** What a fold works with. */
export interface FoldParts extends SuccessorParts, Pick<Surroundings, 'clock' | 'holders' | 'nextLineId'> {
  readonly journals: OpenJournals
  /** Bytes from which on a journal is folded. */
  readonly foldBytes: number
}

/**
 * The folds of one store: what replaces a journal with a new file of one base line. It guards which of them
 * are under way, so that there is one at a time for each session, and which are unfinished behind their seal,
 * where nobody can save before they are done.
 */
export class Folds {
  /** Journals folded. */
  folded = 0
  /** Folds taken over from a process that had died. */
  takenOver = 0
  readonly #parts: FoldParts
  /** Folds that wait for the device. */
  readonly #underWay = new Map<SessionKey, Promise<unknown>>()
  /** Sealed journals that this store holds and could not replace yet. */
  readonly #unfinished = new Set<SessionKey>()
  #isClosing = false

  constructor(parts: FoldParts) {
    this.#parts = parts
  }

  /** Folds a journal that has grown long. The save that noticed it stands already: a failure is reported, not thrown. */
  foldIfDue(opened: OpenJournal): void {
    // Another save may have folded it while this one waited for the device.
    if (opened.journal.evicted || !this.#isDue(opened) || this.#underWay.has(opened.key)) return
    this.#inBackground(opened.key, () => this.#fold(opened))
  }

  /** Replaces a journal that can't be trusted. Nobody waits for it: a failure is reported, not thrown. */
  replaceInBackground(opened: OpenJournal): void {
    this.#inBackground(opened.key, () => this.#replaceDoubtful(opened))
  }

  /** Replaces a journal that can't be trusted. */
  replace(opened: OpenJournal): MaybePromise<unknown> {
    return this.carryOut(opened.key, this.#replaceDoubtful(opened))
  }

  /** Goes on with a fold that waits for the device, or has failed and is not to wait for its next try. */
  goOn(opened: OpenJournal): MaybePromise<unknown> {
    return this.#underWay.get(opened.key) ?? this.#finishSealed(opened)
  }

  /**
   * Takes a seal over whose holder is dead: a re-seal that names it, then, if that is valid, the fold. That
   * the holder may have renamed and then died is found out behind the re-seal: an earlier look would lose
   * what was saved to the file that it had put in place.
   */
  *takeOver(opened: OpenJournal, replaced: Seal): Steps<void> {
    if (!this.#seal(opened, replaced.id)) return // another was first: wait for that one
    this.takenOver++
    yield* this.#replaceSealed(opened)
  }

  /** Carries out a fold. While it waits for the device it is known, so that others here wait for it. */
  carryOut(key: SessionKey, steps: Steps<unknown>): MaybePromise<unknown> {
    const folding = run(steps)
    if (!isPromise(folding)) return undefined
    const over = folding.finally(() => {
      if (this.#underWay.get(key) === over) this.#underWay.delete(key)
    })
    this.#underWay.set(key, over)
    return over
  }

  isUnderWay(key: SessionKey): boolean {
    return this.#underWay.has(key)
  }

  /**
   * Waits for a session's fold that is under way, however it ends: whoever began it is told.
   * @returns whether there was one
   */
  *join(key: SessionKey): Steps<boolean> {
    const earlier = this.#underWay.get(key)
    if (!earlier) return false
    yield* settled(earlier.catch(() => {}))
    return true
  }

  /**
   * Waits for what is under way, and tries the unfinished ones once more.
   * @returns whether nothing is unfinished: else this store goes on trying
   */
  async close(): Promise<boolean> {
    this.#isClosing = true
    await Promise.allSettled(this.#underWay.values())
    for (const key of [...this.#unfinished]) if (this.#unfinished.delete(key)) this.#finish(key)
    await Promise.allSettled(this.#underWay.values())
    return this.#unfinished.size === 0
  }

  #isDue({ journal, foldNotBelow }: OpenJournal): boolean {
    const { size, baseSize } = journal
    return size > this.#parts.foldBytes && size > FOLD_GROWTH * baseSize && size >= foldNotBelow
  }

  /**
   * Replaces a long journal with one base line. The successor is written first: a full disk is then met before the seal,
   * while nobody waits. Throws what the system says; the journal goes on as it was, or sealed until a later try succeeds.
   */
  *#fold(opened: OpenJournal): Steps<void> {
    const { journal, key } = opened
    const { record } = journal
    if (!record) return
    journal.pin()
    let successor: Successor | undefined
    try {
      successor = yield* writeSuccessor(this.#parts, key, record)
      if (!this.#seal(opened)) return // another process folds it, or the session is over
      const ready = successor
      successor = undefined
      yield* this.#replaceSealed(opened, ready)
    } catch (error) {
      opened.foldNotBelow = journal.size * 2
      throw error
    } finally {
      if (successor) discard(this.#parts, successor)
      journal.unpin()
    }
  }

  /**
   * Replaces a journal of which a sync has failed. The seal comes first here: nothing is to be saved to it any more, and
   * those who would wait for the new file. Where another process has sealed it, that one's new file is as good.
   */
  *#replaceDoubtful(opened: OpenJournal): Steps<void> {
    const { journal, key } = opened
    journal.pin()
    try {
      if (!this.#isHeldHere(journal) && !this.#seal(opened)) return
      yield* this.join(key)
      if (!journal.nameless) yield* this.#replaceSealed(opened)
    } finally {
      journal.unpin()
    }
  }

  /** Appends a seal. @returns whether it is the valid one, so that this store alone may replace the journal */
  #seal(opened: OpenJournal, replaces?: string): boolean {
    const { holders, nextLineId, journals } = this.#parts
    const { journal, key } = opened
    const line = { kind: 'seal', id: nextLineId(), holder: holders.self } as const
    try {
      return journal.append(replaces === undefined ? line : { ...line, replaces }).fate === 'applied'
    } catch (error) {
      if (error instanceof TruncatedError) {
        // It stands in no journal any more, and what is known of this one is no longer true: a sealed one would be tried again.
        journal.startOver()
        journals.drop(opened)
        return false
      }
      this.#retryLater(key) // the line may stand all the same
      throw error
    }
  }

  /** The rest of a fold, for a journal whose valid seal is this store's. A failure leaves it for a later try. */
  *#replaceSealed(opened: OpenJournal, prepared?: Successor): Steps<void> {
    const { names, journals, durability } = this.#parts
    const { journal, key } = opened
    let successor = prepared
    journal.pin()
    try {
      if (successor && !isSameState(successor.record, journal.record)) {
        // Saves came between the preparation and the seal.
        discard(this.#parts, successor)
        successor = undefined
      }
      for (;;) {
        if (this.#isHeldHere(journal)) successor ??= yield* writeSuccessor(this.#parts, key, journal.record!)
        journal.refresh() // one that can't be looked at, and slept for long, may have been taken for dead
        if (!successor || !this.#isHeldHere(journal) || !names.hasItsName(opened)) {
          this.#unfinished.delete(key)
          journals.drop(opened)
          return
        }
        // No await stands between these looks and the rename: nobody else can have become the holder.
        if (takesName(this.#parts, successor, opened.path)) break
        discard(this.#parts, successor)
        successor = undefined
      }
      journal.nameless = true
      this.#unfinished.delete(key)
      durability.trust(key)
      const renamed = successor
      successor = undefined
      yield* this.#takePlace(key, renamed)
    } catch (error) {
      this.#retryLater(key)
      throw error
    } finally {
      if (successor) discard(this.#parts, successor)
      journal.unpin()
    }
  }

  *#takePlace(key: SessionKey, { journal }: Successor): Steps<void> {
    const { names, journals, durability } = this.#parts
    this.folded++
    const kept = journals.keep(key, journal)
    if (!durability.isPromised) return
    yield* settled(names.syncShard(shardOf(key)))
    kept.nameSynced = true
  }

  /** Whether the valid seal is this store's. */
  #isHeldHere({ state }: Journal): boolean {
    return state.phase === 'sealed' && this.#parts.holders.status(state.seal.holder) === 'self'
  }

  /**
   * The holder alone may finish its fold, and nobody may save before: it tries again without being asked, after close()
   * too, for as long as its process lives.
   */
  #retryLater(key: SessionKey): void {
    if (this.#unfinished.has(key)) return
    this.#unfinished.add(key)
    this.#parts.clock.later(RETRY_MS, () => {
      if (this.#unfinished.delete(key)) this.#finish(key)
    })
  }

  /** One more try at a fold that failed behind its seal; one that fails again is reported, and tried again later. */
  #finish(key: SessionKey): void {
    const { journals, durability } = this.#parts
    const tried = attempt(
      () => {
        const opened = journals.current(key)
        if (!opened) return undefined
        return durability.isInDoubt(key) ? this.replace(opened) : this.#finishSealed(opened)
      },
      (error) => {
        this.#reportFailed(key, error)
        this.#retryLater(key)
      },
    )
    void after(tried, () => {
      if (this.#isClosing) journals.dropAll()
    })
  }

  /** Starts what replaces a journal. Nobody waits for it: a failure is reported, not thrown. */
  #inBackground(key: SessionKey, steps: () => Steps<void>): void {
    void attempt(
      () => this.carryOut(key, steps()),
      (error) => this.#reportFailed(key, error),
    )
  }

  #finishSealed(opened: OpenJournal): MaybePromise<unknown> {
    return this.carryOut(opened.key, this.#replaceSealed(opened))
  }

  #reportFailed(key: SessionKey, error: unknown): void {
    this.#parts.report({ type: 'fold-failed', file: fileLabel(key), error })
  }
}

/** Of two states of one journal: what happened to values is told by the version. */
function isSameState(one: SessionRecord, other: SessionRecord | undefined): boolean {
  return one.version === other?.version && one.expiresAt === other.expiresAt && one.owner === other.owner
}
