import { knownToAllCopies } from '../../../across-copies.ts'
import { assertChange, assertNewRecord, assertOwner, assertSessionKey } from '../../../contract/check.ts'
import type { SessionKey } from '../../../contract/key.ts'
import type { NewRecord, SessionChange, SessionRecord } from '../../../contract/record.ts'
import type {
  ClearExpiredOptions,
  LoadOptions,
  RecordsOptions,
  SaveOptions,
  SaveResult,
  SessionStore,
  Swept,
} from '../../../contract/store.ts'
import { after, type MaybePromise, run } from '../../../contract/wait.ts'
import { timeOf } from '../in-time-of.ts'
import { ownChange } from '../own-change.ts'
import { closeBoth } from '../two-stores.ts'
import { listTaken } from './list.ts'
import type { SourcePair } from './pair.ts'
import { create, load, remove, save } from './verbs.ts'

/**
 * What `moving` makes of a source that is only read: a store of sessions in `to`, which takes each along when its visitor first
 * comes. How, and what it rests on, stands in README.md beside this file.
 */
export class TakingStore implements SessionStore {
  readonly loadsAtOnce: boolean
  readonly byOwner?: NonNullable<SessionStore['byOwner']>
  readonly #pair: SourcePair

  /** @internal */
  constructor(pair: SourcePair) {
    this.#pair = pair
    this.loadsAtOnce = Boolean(pair.from.loadsAtOnce && pair.to.loadsAtOnce)
    if (pair.to.byOwner) this.byOwner = (owner) => this.#byOwner(owner)
  }

  create(key: SessionKey, record: NewRecord): MaybePromise<boolean> {
    assertSessionKey(key)
    assertNewRecord(record)
    return run(create(this.#pair, key, { ...record, values: new Map(record.values) }))
  }

  load(key: SessionKey, options?: LoadOptions): MaybePromise<SessionRecord | undefined> {
    assertSessionKey(key)
    return run(load(this.#pair, key, options))
  }

  save(key: SessionKey, change: SessionChange, options?: SaveOptions): MaybePromise<SaveResult> {
    assertSessionKey(key)
    assertChange(change, options)
    return run(save(this.#pair, key, ownChange(change), options?.ifVersion))
  }

  exists(key: SessionKey): MaybePromise<boolean> {
    return after(this.load(key), (record) => record !== undefined)
  }

  delete(key: SessionKey): MaybePromise<boolean> {
    assertSessionKey(key)
    return run(remove(this.#pair, key))
  }

  clearExpired(options?: ClearExpiredOptions): Promise<Swept> {
    return this.#pair.to.clearExpired(options)
  }

  records(options?: RecordsOptions): AsyncGenerator<[SessionKey, SessionRecord]> {
    const { from, to } = this.#pair
    return listTaken(this.#pair, { from: from.records(options), to: to.records(options) })
  }

  now(): MaybePromise<number> {
    return timeOf(this.#pair.to)
  }

  close(): Promise<void> {
    return closeBoth(this.#pair)
  }

  #byOwner(owner: string): AsyncGenerator<[SessionKey, SessionRecord]> {
    assertOwner(owner)
    const { from, to } = this.#pair
    const listing = { from: from.records(), to: to.byOwner!(owner) }
    return listTaken(this.#pair, listing, (record) => record.owner === owner)
  }
}

knownToAllCopies(TakingStore, 'TakingStore')
