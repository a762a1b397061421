import type { SessionKey } from '../../src/contract/key.ts'
import type { SessionRecord } from '../../src/contract/record.ts'
import type { LoadOptions } from '../../src/contract/store.ts'
import type { MaybePromise } from '../../src/contract/wait.ts'
import { PlainStore } from './plain-store.ts'

const DAY = 86_400_000

/**
 * A store over the sessions of another library, as `moving` is over a source that is only read: it finds them by their ids alone,
 * which it knows from a load, and has each as its own from then on.
 */
export class ForeignStore extends PlainStore {
  /** What the other library has, by its ids; it is never changed. */
  readonly theirs = new Map<string, Omit<SessionRecord, 'version'>>()
  /** What it was shown, ids with keys: nothing else is looked up. */
  readonly shown: string[] = []
  readonly #own = new Set<SessionKey>()

  /** A session as the other library has stored it. */
  has(id: string, values: Record<string, unknown>, more: Partial<SessionRecord> = {}): void {
    const texts = Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)] as const)
    const createdAt = this.time - 1000
    this.theirs.set(id, { values: new Map(texts), createdAt, expiresAt: createdAt + DAY, ...more })
  }

  override load(key: SessionKey, options?: LoadOptions): MaybePromise<SessionRecord | undefined> {
    const id = options?.id
    if (id === undefined) return super.load(key)
    this.shown.push(id)
    const record = this.theirs.get(id)
    if (record !== undefined && !this.#own.has(key)) {
      this.#own.add(key)
      this.put(key, record)
    }
    return super.load(key)
  }
}
