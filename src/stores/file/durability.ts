import type { Files } from './files.ts'
import type { Journal } from './journal/journal.ts'

interface Syncs {
  running: Promise<void>
  /** The one that starts when `running` is over: it covers every append made until then. */
  next: Promise<void> | undefined
}

/** Syncs of journals, shared by the saves that wait: one that is under way may have missed an append made since. */
export class SharedSyncs {
  readonly #files: Files
  readonly #syncs = new WeakMap<Journal, Syncs>()

  constructor(files: Files) {
    this.#files = files
  }

  /** Resolves when everything appended to the journal so far survives power loss. */
  sync(journal: Journal): Promise<void> {
    const syncs = this.#syncs.get(journal)
    if (!syncs) return this.#start(journal)
    // A failure is for those who wait for the next one too: the system may have dropped what came before their lines,
    // and then say of the rest that all is well.
    syncs.next ??= syncs.running.then(() => this.#start(journal))
    return syncs.next
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
