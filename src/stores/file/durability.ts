import type { SessionKey } from '../../contract/key.ts'
import type { Files } from './files.ts'
import type { Journal } from './journal/journal.ts'
import type { JournalNames } from './names.ts'

interface Syncs {
  running: Promise<void>
  /** The one that starts when `running` is over: it covers every append made until then. */
  next: Promise<void> | undefined
}

/**
 * What the store has of the device: the syncs of journals, shared by the saves that wait for one; the shards
 * whose names were synced; and the sessions of which the device can't be believed.
 */
export class Durability {
  /** `durability: 'disk'`. */
  readonly isPromised: boolean
  readonly #files: Files
  readonly #names: JournalNames
  readonly #syncs = new WeakMap<Journal, Syncs>()
  /** Syncs of the shards' own names, done or under way, by shard. */
  readonly #shards = new Map<string, Promise<void>>()
  readonly #doubtful = new Set<SessionKey>()

  constructor(files: Files, names: JournalNames, isPromised: boolean) {
    this.#files = files
    this.#names = names
    this.isPromised = isPromised
  }

  /** Resolves when everything appended to the journal so far survives power loss. */
  sync(journal: Journal): Promise<void> {
    const syncs = this.#syncs.get(journal)
    if (!syncs) return this.#start(journal)
    // One that is under way may have missed an append made since. A failure is for those who wait for the next
    // one too: the system may have dropped what came before their lines, and then say that all is well.
    syncs.next ??= syncs.running.then(() => this.#start(journal))
    return syncs.next
  }

  /** Syncs a shard's own name, one time for each: whoever made it may have died before it was synced. */
  syncNameOf(shard: string): Promise<void> {
    const synced = this.#shards.get(shard)
    if (synced) return synced
    const syncing = this.#names.syncRoot()
    this.#shards.set(shard, syncing)
    // Who waits for it has the error; the next one tries again.
    syncing.catch(() => this.#shards.delete(shard))
    return syncing
  }

  /** A shard was removed: another one by its name has to be synced anew. */
  forgetNameOf(shard: string): void {
    this.#shards.delete(shard)
  }

  /**
   * Of a session of which a sync failed, or whose file was cut: the system may have dropped what was
   * appended. It holds until a new file is there or the name is gone for certain. Others see it by the seal;
   * this is for a journal that could not be sealed, or is over, and for what was under way before the seal.
   */
  doubt(key: SessionKey): void {
    this.#doubtful.add(key)
  }

  isInDoubt(key: SessionKey): boolean {
    return this.#doubtful.has(key)
  }

  trust(key: SessionKey): void {
    this.#doubtful.delete(key)
  }

  #start(journal: Journal): Promise<void> {
    journal.pin()
    const running = this.#files.sync(journal.fd).finally(() => journal.unpin())
    running.then(
      () => this.#syncs.get(journal)?.next === undefined && this.#syncs.delete(journal),
      () => this.#syncs.delete(journal),
    )
    this.#syncs.set(journal, { running, next: undefined })
    return running
  }
}
