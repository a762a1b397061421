import { knownToAllCopies } from '../../../across-copies.ts'
import { assertChange, assertNewRecord, assertOwner, assertSessionKey } from '../../../contract/check.ts'
import type { SessionKey } from '../../../contract/key.ts'
import type { NewRecord, SessionChange, SessionRecord } from '../../../contract/record.ts'
import { isStore, type SessionSource } from '../../../contract/source.ts'
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
import { ownChange } from '../own-change.ts'
import { sourcePair } from '../taking/pair.ts'
import { TakingStore } from '../taking/taking-store.ts'
import { closeBoth } from '../two-stores.ts'
import { createIn } from './create.ts'
import { deleteFrom } from './delete.ts'
import { listBoth } from './list.ts'
import { loadHere, loadThere } from './load.ts'
import type { Pair, PairInTurn } from './pair.ts'
import { saveHere, saveThere } from './save.ts'
import { sweepBoth } from './sweep.ts'

/** What {@link moving} takes sessions along from that it can't write to. */
export interface TakingOptions {
  /** What others have stored, and may still be storing: it is read, and never touched. `untorn/formats` has some. */
  from: SessionSource
  /** The store that sessions are taken to. In the beginning it holds none of them. */
  to: SessionStore
}

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
export function moving(options: MovingOptions): MovingStore
/**
 * For sessions that others have stored: each is taken along when its visitor first comes, so that nobody is signed out. `from`
 * is only read; nothing there is ever changed.
 *
 * A session is taken at its first load, and is one of `to` from then on: what is changed, ended or expires there is so for good,
 * and does not come back from `from`. A record in `to`, which is no session, remembers that until a day after the session would
 * have ended in `from`. One that is ended by its key alone, and that nobody has loaded (`clear()`), is over too; this is
 * remembered for 400 days.
 *
 * - Only a load with the id finds what is in `from` alone (`load(key, { id })`, as `untorn/express-session` calls it). A load by
 *   the key, a save, `exists` and `delete` answer as if it were not there; the latter ends it all the same.
 * - An application that still writes to `from` must not use the sessions that are in `to`: what it changes of them is not seen,
 *   nor that somebody signed out there. So stop it first. Where it has to run beside for a while: it may put off the end of
 *   a session by up to a day, before one that has ended in `to` could come back.
 * - `records` and `byOwner` go through `from`, too: a call of `to` for each session there. There is no `count`.
 * - `now` is the clock of `to`. `clearExpired` sweeps `to`, `close` closes both.
 *
 * While it goes on, a load needs one call of `to`; the first one of a session six, an unknown id three; a delete two. Every
 * process has to reach `from` as long as sessions are left there; when it fails, so do loads of what is not in `to`. When
 * the last session there has expired, or `npx untorn move` has taken what is left: restart with `to` alone.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`). Its verbs throw what the two throw; a load also `StoreBusyError`
 * (`UNTORN_STORE_BUSY`) if `to` refuses to take the session.
 *
 * ```ts
 * const store = moving({ from: sessionFileStore('./sessions'), to: fileStore() })
 * ```
 */
export function moving(options: TakingOptions): TakingStore
export function moving(options: MovingOptions | TakingOptions): MovingStore | TakingStore {
  const { writeTo = 'to', ...given } = asOptions(options, ['from', 'to', 'writeTo'])
  const { from, to } = asTwoStores(given)
  refuseMoving({ from, to })
  if (!isStore(from)) {
    if (writeTo !== 'to') throw new InvalidOptionError('writeTo', 'nothing is written to what is only read')
    return new TakingStore(sourcePair(inTimeOf(from, to), to))
  }
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

  close(): Promise<void> {
    return closeBoth(this.#pair)
  }
}

knownToAllCopies(MovingStore, 'MovingStore')

/** One move at a time: the marks of one say nothing to another. */
export function refuseMoving(pair: { from: SessionSource; to: SessionStore }): void {
  for (const name of ['from', 'to'] as const) {
    if (!(pair[name] instanceof MovingStore) && !(pair[name] instanceof TakingStore)) continue
    throw new InvalidOptionError(name, 'it is the store that `moving` makes, and has to be one of its two')
  }
}
