import type { SessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import type { Journal } from './journal/journal.ts'
import type { JournalFile, JournalNames } from './names.ts'

/** Bounds of the cache of open journals. */
export interface CacheLimits {
  /** Descriptors kept open. */
  maxOpen: number
  /** Bytes of records kept in memory, about. */
  maxCacheBytes: number
}

/** A journal in the cache, with what the store knows of it beside its lines. */
export interface OpenJournal extends JournalFile {
  /** Its name survives power loss. */
  nameSynced: boolean
  /** No fold below this size, after one that failed. */
  foldNotBelow: number
  /** Bytes that it counts for in the cache. */
  weight: number
  /** The journal's size when it was weighed. */
  weighedAt: number
  /** Used since the cache last looked for one to let go of. */
  used: boolean
}

/**
 * The open journals: kept descriptors with what was replayed from them are the store's only cache. The one that goes is
 * the oldest that was not used since it was last looked at (second chance): a use then costs no more than a mark.
 */
export class OpenJournals {
  readonly #names: JournalNames
  readonly #limits: CacheLimits
  readonly #open = new Map<SessionKey, OpenJournal>()
  #bytes = 0

  constructor(names: JournalNames, limits: CacheLimits) {
    this.#names = names
    this.#limits = limits
  }

  get size(): number {
    return this.#open.size
  }

  has(key: SessionKey): boolean {
    return this.#open.has(key)
  }

  /** What is known of a session without asking the system; `undefined` where nothing is kept. */
  known(key: SessionKey): SessionRecord | undefined {
    return this.#open.get(key)?.journal.record
  }

  /** The journal that the key's path names now, up to date. `undefined`: there is none. */
  current(key: SessionKey): OpenJournal | undefined {
    const kept = this.#open.get(key)
    if (kept) {
      if (!this.#isReplaced(kept)) {
        kept.used = true
        this.weighIfGrown(kept)
        return kept
      }
      this.drop(kept)
    }
    return this.#openByPath(key)
  }

  /** The kept journal as it was last read, or {@link current}: for an append, which reads on by itself. */
  kept(key: SessionKey): OpenJournal | undefined {
    const kept = this.#open.get(key)
    if (!kept) return this.#openByPath(key)
    if (kept.journal.state.phase === 'ended' && !this.#names.hasItsName(kept)) {
      this.drop(kept) // the key may have been used again since
      return this.#openByPath(key)
    }
    kept.used = true
    return kept
  }

  /** Takes a journal into the cache, in the place of one that it replaces. */
  keep(key: SessionKey, journal: Journal): OpenJournal {
    const before = this.#open.get(key)
    if (before) this.drop(before)
    const path = this.#names.pathOf(key)
    const opened = {
      key,
      path,
      journal,
      nameSynced: false,
      foldNotBelow: 0,
      weight: 0,
      weighedAt: 0,
      used: false,
    }
    this.#open.set(key, opened)
    this.#weigh(opened)
    return opened
  }

  /** Weighs a journal now and then: to go through the record at each save would cost as much as to copy it. */
  weighIfGrown(opened: OpenJournal): void {
    if (opened.journal.size - opened.weighedAt > WEIGH_EVERY) this.#weigh(opened)
  }

  /** Takes note of what a journal's record takes in memory, and makes room. */
  #weigh(opened: OpenJournal): void {
    if (this.#open.get(opened.key) !== opened) return
    const { record, size } = opened.journal
    const weight = weightOf(record)
    this.#bytes += weight - opened.weight
    opened.weight = weight
    opened.weighedAt = size
    while (this.#isOverLimits()) this.drop(this.#leastUsed(opened))
  }

  drop(opened: OpenJournal): void {
    if (this.#open.get(opened.key) !== opened) return
    this.#open.delete(opened.key)
    this.#bytes -= opened.weight
    void opened.journal.evict()
  }

  /** {@link drop} of whatever is kept for a key. */
  forget(key: SessionKey): void {
    const kept = this.#open.get(key)
    if (kept) this.drop(kept)
  }

  /** Lets go of all that is kept. @returns whether there was any */
  dropAll(): boolean {
    const { size } = this.#open
    for (const opened of [...this.#open.values()]) this.drop(opened)
    return size > 0
  }

  /** Brings a journal up to date. @returns whether another file has its name now, or none has */
  #isReplaced(opened: OpenJournal): boolean {
    const { journal } = opened
    if (journal.refresh() === 'replaced') return true
    return journal.state.phase === 'sealed' && !this.#names.hasItsName(opened)
  }

  /** Never the one in hand: its next call would be made on a descriptor that is closed. */
  #leastUsed(inHand: OpenJournal): OpenJournal {
    for (const opened of this.#open.values()) {
      if (!opened.used && opened !== inHand) return opened
      opened.used = false
      this.#open.delete(opened.key)
      this.#open.set(opened.key, opened)
    }
    throw new RangeError('An empty cache is over no limit.') // each was looked at, and none was used since
  }

  #isOverLimits(): boolean {
    const { maxOpen, maxCacheBytes } = this.#limits
    return this.#open.size > maxOpen || (this.#bytes > maxCacheBytes && this.#open.size > 1)
  }

  #openByPath(key: SessionKey): OpenJournal | undefined {
    const journal = this.#names.open(key)
    return journal && this.keep(key, journal)
  }
}

/** Bytes that a journal grows by before it is weighed again. */
const WEIGH_EVERY = 1024

/** Of a record and what is kept beside it, and of each of its values, without their texts. */
const RECORD_BYTES = 500
const VALUE_BYTES = 100

/** Not the file's size: most of a long journal is history, which nobody keeps. */
function weightOf(record: SessionRecord | undefined): number {
  let bytes = RECORD_BYTES
  if (record) for (const [key, text] of record.values) bytes += VALUE_BYTES + key.length + text.length
  return bytes
}
