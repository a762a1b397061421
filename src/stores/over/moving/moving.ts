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
import { Turns } from '../../../contract/turns.ts'
import { after, type MaybePromise, run } from '../../../contract/wait.ts'
import { InvalidOptionError } from '../../../errors.ts'
import { asOneOf, asOptions } from '../../../options/checks.ts'
import { asTwoStores } from '../../../options/store.ts'
import { inTimeOf, timeOf } from '../in-time-of.ts'
import { createIn } from './create.ts'
import { deleteFrom } from './delete.ts'
import { listBoth } from './list.ts'
import { loadHere, loadThere } from './load.ts'
import type { Pair, PairInTurn } from './pair.ts'
import { saveHere, saveThere } from './save.ts'
import { sweepBoth } from './sweep.ts'

/** What {@link moving} moves between. */
export interface MovingOptions {
  /** The store that the application leaves. */
  from: SessionStore
  /** The store that it moves to. In the beginning it holds none of the sessions of `from`. */
  to: SessionStore
  /**
   * Where sessions are written. `'from'`: where they are, and new ones into `from`; nothing is moved. `'to'` (default): a
   * session is moved when it is first saved, and new ones are created in `to`. Processes of both kinds may run at the same
   * time.
   */
  writeTo?: 'from' | 'to'
}

/**
 * For an application that changes its store while it runs: nobody is signed out, and no change is lost.
 *
 * 1. Restart each process with `moving({ from, to, writeTo: 'from' })`, one after the other.
 * 2. When *all* of them run with it: restart each with `moving({ from, to })`. From now on each session is moved when it
 *    is saved. `npx untorn move` moves those that nobody uses, while the application runs.
 * 3. When `npx untorn move` says that nothing is left in `from`: restart each with `to` alone.
 *
 * A process that knows `from` alone must not run beside one of step 2: it would go on writing to sessions that have been
 * moved. Nor must one that knows `to` alone while sessions are left in `from`: it would take them for signed out.
 *
 * From step 2 one can go back to step 1, and on again. To move back to `from`, finish the move first: what is in the middle
 * of one is refused by the other (`StoreConfigError`).
 *
 * While it moves, a call may need several calls of the stores: a load one in `to`, and for a session that is still in
 * `from` one there; an unknown id three; the first save of a session eight, every other one call (in step 1 two); a delete
 * three or four; a creation two, of what is no session three or four. Every process has to reach both stores; when one of them fails, so do the calls that need it.
 *
 * A session gets a higher version when it is moved. So a conditional save (`session.update`, `take`) that was decided on
 * before it may find a conflict, and is tried again, as with any other change.
 *
 * `byOwner` and `count` are there where both stores have them, and `loadsAtOnce` is true where it is for both. `now` is the
 * clock of the store that is written to, and all times that are seen are by it: where the clocks of the two are more than
 * some seconds apart, a session keeps the time that it has left. `clearExpired` sweeps both, `close` closes both. A listing remembers the keys that
 * it has met in `from`; a count is that of both, so that a session in the middle of its move counts twice.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for options that are unknown or unusable, and for stores that are
 * the same object or move sessions themselves. Its verbs throw what the stores throw; a save also `StoreBusyError`
 * (`UNTORN_STORE_BUSY`) if `to` refuses to take the session, and all of them `StoreConfigError` (`UNTORN_STORE_CONFIG`) for
 * marks of another move and for a `to` that does not store a record at the version that it is given.
 *
 * ```ts
 * const from = fileStore('./.sessions')
 * const to = redisStore({ client })
 * app.use(sessions({ store: moving({ from, to, writeTo: 'from' }) }))
 * ```
 */
export function moving(options: MovingOptions): MovingStore {
  const { writeTo = 'to', ...given } = asOptions(options, ['from', 'to', 'writeTo'])
  const { from, to } = asTwoStores(given)
  refuseMoving({ from, to })
  const written = asOneOf('writeTo', writeTo, ['from', 'to'])
  const pair = written === 'to' ? { from: inTimeOf(from, to), to } : { from, to: inTimeOf(to, from) }
  const store = new MovingStore(pair, written)
  if (from.byOwner && to.byOwner) Object.assign(store, { byOwner: listsByOwner(pair) })
  if (from.count && to.count) Object.assign(store, { count: countsBoth(pair) })
  return store
}

function listsByOwner(pair: Pair): NonNullable<SessionStore['byOwner']> {
  return (owner) => {
    assertOwner(owner)
    return listBoth(pair, (store) => store.byOwner!(owner))
  }
}

function countsBoth({ from, to }: Pair): NonNullable<SessionStore['count']> {
  return async () => (await from.count!()) + (await to.count!())
}

/**
 * What {@link moving} makes. A session moves in five steps: *seal* it in `from`, *copy* it to `to`, *choose* the copy in
 * `from`, *activate* it, *clean up*. Anybody who comes by takes the next one, whoever took those before and died. What that
 * rests on stands in README.md beside this file.
 */
export class MovingStore implements SessionStore {
  readonly loadsAtOnce: boolean
  readonly byOwner?: NonNullable<SessionStore['byOwner']>
  readonly count?: NonNullable<SessionStore['count']>
  readonly #pair: PairInTurn
  readonly #writesHere: boolean

  /** @internal */
  constructor(pair: Pair, writeTo: 'from' | 'to') {
    this.#pair = { ...pair, turns: new Turns() }
    this.#writesHere = writeTo === 'from'
    this.loadsAtOnce = Boolean(pair.from.loadsAtOnce && pair.to.loadsAtOnce)
  }

  create(key: SessionKey, record: NewRecord): MaybePromise<boolean> {
    assertSessionKey(key)
    assertNewRecord(record)
    const side = this.#writesHere ? 'from' : 'to'
    return run(createIn(side, this.#pair, key, { ...record, values: new Map(record.values) }))
  }

  load(key: SessionKey, options?: LoadOptions): MaybePromise<SessionRecord | undefined> {
    assertSessionKey(key)
    return run((this.#writesHere ? loadHere : loadThere)(this.#pair, key, options))
  }

  save(key: SessionKey, change: SessionChange, options?: SaveOptions): MaybePromise<SaveResult> {
    assertSessionKey(key)
    assertChange(change, options)
    const save = this.#writesHere ? saveHere : saveThere
    return run(save(this.#pair, key, ownChange(change), options?.ifVersion))
  }

  exists(key: SessionKey): MaybePromise<boolean> {
    // By a load: a store does not say of what it has whether it is a copy that is no session.
    return after(this.load(key), (record) => record !== undefined)
  }

  delete(key: SessionKey): MaybePromise<boolean> {
    assertSessionKey(key)
    return run(deleteFrom(this.#pair, key))
  }

  clearExpired(options: ClearExpiredOptions = {}): Promise<Swept> {
    return sweepBoth(this.#pair, options)
  }

  records(options?: RecordsOptions): AsyncGenerator<[SessionKey, SessionRecord]> {
    return listBoth(this.#pair, (store) => store.records(options))
  }

  now(): MaybePromise<number> {
    const { from, to } = this.#pair
    return timeOf(this.#writesHere ? from : to)
  }

  async close(): Promise<void> {
    const { from, to } = this.#pair
    const closed = await Promise.allSettled([from, to].map(async (store) => store.close()))
    for (const each of closed) if (each.status === 'rejected') throw each.reason
  }
}

knownToAllCopies(MovingStore, 'MovingStore')

/** A change that its caller may go on using: it is read again after other calls. */
function ownChange(change: SessionChange): SessionChange {
  const own = { ...change }
  if (change.set) own.set = new Map(change.set)
  if (change.delete) own.delete = [...change.delete]
  return own
}

/** One move at a time: the marks of one say nothing to another. */
export function refuseMoving(pair: Pair): void {
  for (const name of ['from', 'to'] as const) {
    if (!(pair[name] instanceof MovingStore)) continue
    throw new InvalidOptionError(name, 'it is the store that `moving` makes, and has to be one of its two')
  }
}
