import type { SessionKey } from '../../contract/key.ts'

/** More keys are another statement's. */
const MOST = 500

/** What became of one session of several: whether a live one was removed; `locked`: somebody has locked it, it is still there. */
export type Removed = boolean | 'locked'

/** How sessions are deleted, one by a statement or several. What is not among the answers was not there. */
export interface Removal {
  one(key: SessionKey): Promise<boolean>
  several(keys: readonly SessionKey[]): Promise<ReadonlyMap<SessionKey, Removed>>
}

interface Batch {
  readonly keys: Set<SessionKey>
  readonly removed: Promise<ReadonlyMap<SessionKey, Removed>>
}

/**
 * Deletions that are asked for side by side are one statement: an owner may have thousands of sessions to end, and each
 * statement takes a connection and waits for the disk. One that is alone is sent as fast as ever.
 */
export class Deletions {
  readonly #run: <T>(work: () => Promise<T>) => Promise<T>
  readonly #removal: Removal
  #open: Batch | undefined

  /** `run` carries out a call, with its deadline. */
  constructor(run: <T>(work: () => Promise<T>) => Promise<T>, removal: Removal) {
    this.#run = run
    this.#removal = removal
  }

  async delete(key: SessionKey): Promise<boolean> {
    const batch = this.#batchFor(key)
    batch.keys.add(key)
    const removed = (await batch.removed).get(key) ?? false
    return removed === 'locked' ? this.#run(() => this.#removal.one(key)) : removed
  }

  /** Of two deletions of one session one is told that it was there: each is in a statement of its own. */
  #batchFor(key: SessionKey): Batch {
    const open = this.#open
    if (open !== undefined && open.keys.size < MOST && !open.keys.has(key)) return open
    const keys = new Set<SessionKey>()
    const batch = { keys, removed: this.#run(() => this.#sendSoon(keys)) }
    this.#open = batch
    return batch
  }

  /** Once whoever asks for the first has asked for all that they ask for at the same time. */
  async #sendSoon(keys: Set<SessionKey>): Promise<ReadonlyMap<SessionKey, Removed>> {
    await undefined
    if (this.#open?.keys === keys) this.#open = undefined
    const [first, ...others] = keys
    if (others.length > 0) return this.#removal.several([first!, ...others])
    return new Map([[first!, await this.#removal.one(first!)]])
  }
}
