import { inspect } from 'node:util'
import { isPromise, type MaybePromise } from '../contract/wait.ts'
import { InvalidOptionError, invalidArgument } from '../errors.ts'
import { type AnyData, flashKey, isReserved, type KeyOf } from '../values/data.ts'
import type { Values } from '../values/values.ts'
import { once } from './once.ts'
import { asCallable, checkedOnce, type OnceOptions } from './once-options.ts'
import { type SetOptions, untilBy } from './set-options.ts'
import type { SessionState } from './state.ts'
import { take, takeFlashes } from './take.ts'
import { type Asked, sayingSo } from './unawaited.ts'
import { BEFORE_CHANGE, STATE } from './view-symbols.ts'

/** What a handler reads and writes of a session's values: in memory, so that each call answers at once. */
export abstract class ValuesView<Data extends object = AnyData> {
  // Nothing shows a private field: whatever prints a session, it has no id in it.
  #state: SessionState

  /** @internal */
  constructor(state: SessionState) {
    this.#state = state
  }

  /** @internal */
  get [STATE](): SessionState {
    return this.#state
  }

  /** @internal */
  set [STATE](state: SessionState) {
    this.#state = state
  }

  /** @internal */
  [BEFORE_CHANGE](): void {}

  /**
   * A value; `undefined` if there is none. The same object every time, so that changing it in place is enough: what
   * changed is found when the session is saved.
   */
  get<K extends KeyOf<Data>>(key: K): Data[K] | undefined {
    return isReserved(key) ? undefined : (this.#values.get(key) as Data[K] | undefined)
  }

  /** Whether there is a value of this name. */
  has<K extends KeyOf<Data>>(key: K): boolean {
    return !isReserved(key) && this.#values.has(key)
  }

  /** Each name with its value, one after the other: `for (const [name, value] of session)`. */
  [Symbol.iterator](): Iterator<[KeyOf<Data>, Data[KeyOf<Data>]]> {
    return this.entries().values()
  }

  /** The names of its values. */
  keys(): KeyOf<Data>[] {
    return this.#values.keys().filter((key) => !isReserved(key)) as KeyOf<Data>[]
  }

  /** Each name with its value. */
  entries(): [KeyOf<Data>, Data[KeyOf<Data>]][] {
    return this.keys().map((key) => [key, this.get(key) as Data[KeyOf<Data>]])
  }

  /**
   * Sets a value; `undefined` deletes it. If another request sets the same one, the last to be saved stays: see
   * {@link update} and the option `merge`.
   *
   * With `expiresIn` the value has an expiry of its own, as a one-time code needs it: `session.set('code', code, { expiresIn:
   * '10m' })`. From then on nobody reads or takes it, by the store's clock, and it goes with a later change of the session.
   * {@link update}, {@link increment} and changes in place leave its expiry as it is; to set it anew gives it another one, or
   * none. It does not make the session live longer.
   *
   * Throws `NotSerialisableError` (`UNTORN_NOT_SERIALISABLE`) for what can't be stored, `InvalidOptionError`
   * (`UNTORN_INVALID_OPTION`) for a key that begins with `untorn:` and for other options than {@link SetOptions}, and, as all
   * that takes a key does, a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for one that is no text.
   */
  set<K extends KeyOf<Data>>(key: K, value: Data[K] | undefined, options?: SetOptions): void {
    const values = this.#writable(key)
    values.set(key, value, options && untilBy(options, this[STATE].policy.rules.now))
  }

  /** Deletes a value. Whether there was one. */
  delete<K extends KeyOf<Data>>(key: K): boolean {
    this[BEFORE_CHANGE]()
    return !isReserved(key) && this.#values.delete(key)
  }

  /** Deletes every value that this request sees. The session stays; `destroy()` ends it. */
  clear(): void {
    this[BEFORE_CHANGE]()
    for (const key of this.keys()) this.#values.delete(key)
  }

  /**
   * Changes a value by what it is: `session.update('views', (n = 0) => n + 1)`. Exact however many requests do it at
   * once: where others were first, `fn` runs again on what they made, so let it do nothing but compute. Returns what
   * is known now, which the save may find to be outdated. `undefined` from `fn` deletes.
   *
   * Throws as {@link set} does, and `MisuseError` (`UNTORN_MISUSE`) for a function that returns a promise.
   */
  update<K extends KeyOf<Data>, Result extends Data[K] | undefined>(
    key: K,
    fn: (value: Data[K] | undefined) => Result,
  ): Result {
    return this.#writable(key).update(key, fn as (value: unknown) => unknown) as Result
  }

  /**
   * A value that only one request works out: `await session.once('token', () => refresh())`. Of all requests in all
   * processes that ask for it at once one runs `fn`, and its result becomes the value, in the store and at once; the others
   * get it, too. Where the value is another one by now than this request has seen, that is the answer and nothing is run.
   *
   * - What `fn` throws goes to everybody who waits for it, and is not kept: the next one to ask runs `fn` again. In another
   *   process it is a copy with its name, message and code.
   * - A run that takes longer than `timeout` (default: `'30s'`), as its process has died, is replaced by one of those who
   *   wait. It may have run as well then; of the two results the first one stands.
   * - `fn` may use the session, save it too. It must not ask for the same value. A value that is set while it runs stands.
   * - Of a session that is not stored yet, which nobody else can have, the value is kept with the next save.
   *
   * `undefined`: another request has deleted the value. Rejects with `SessionGoneError` (`UNTORN_SESSION_GONE`) where the
   * session is signed out, has expired or got another id by another request: the result is not kept;
   * `NotSerialisableError` (`UNTORN_NOT_SERIALISABLE`) for a result that can't be stored, `undefined` included;
   * `SessionTooLargeError` (`UNTORN_SESSION_TOO_LARGE`), `SessionConflictError` (`UNTORN_SESSION_CONFLICT`), what the store
   * throws, and the reason of `signal`. Rejects with `MisuseError` (`UNTORN_MISUSE`) where this request has changed the value
   * and not saved it, with a `TypeError` (`UNTORN_INVALID_ARGUMENT`) for an `fn` that is no function, and with
   * `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for other options than {@link OnceOptions}.
   */
  async once<K extends KeyOf<Data>>(
    key: K,
    fn: () => Data[K] | PromiseLike<Data[K]>,
    options?: OnceOptions,
  ): Promise<Data[K] | undefined> {
    refuseReserved(key)
    const state = this[STATE]
    state.accessed = true
    const beforeChange = () => this[BEFORE_CHANGE]()
    const call = { name: key, fn: asCallable('fn', fn), beforeChange, ...checkedOnce(options) }
    return once(state, call) as Promise<Data[K] | undefined>
  }

  /**
   * Adds to a number, and returns what it is known to be then: `session.increment('attempts')`. Exact however many requests
   * do it at once, as {@link update} is. A missing value counts as 0.
   *
   * Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`) where the value is no number, `by` is none, or the sum is beyond what a
   * number can be: nothing is changed then. Where another request has made it something else meanwhile, the save throws it.
   */
  increment<K extends KeyOf<Data>>(key: K, by = 1): number {
    if (!Number.isFinite(by)) throw invalidArgument('by', 'a finite number is needed')
    return this.#writable(key).update(key, (value) => sum(key, value, by)) as number
  }

  /**
   * Keeps a message that is to be shown once, after a redirect most often. Two of one name are both kept, in their order,
   * whichever requests they come from; {@link flashes} gives them. No {@link get} and no {@link keys} shows them.
   *
   * `undefined` is no message. Throws as {@link set} does.
   */
  flash<K extends KeyOf<Data>>(key: K, message: Data[K] | undefined): void {
    const values = this.#writable(key)
    if (message !== undefined) values.append(flashKey(key), message)
  }

  /**
   * Takes the messages of a name that are to be shown once, oldest first, in the store and at once: of all requests that
   * ask, one gets each of them, the others `[]`. What this request has added itself is among them, also where its session is
   * gone. `await` it, and throws, as {@link take}.
   */
  flashes<K extends KeyOf<Data>>(key: K): MaybePromise<Data[K][]> {
    if (isReserved(key)) return []
    this[STATE].accessed = true
    const taken = takeFlashes(this[STATE], key)
    return (isPromise(taken) ? sayingSo(taken, `flashes('${key}')`) : taken) as MaybePromise<Data[K][]>
  }

  /**
   * Reads a value and removes it, in the store and at once: of all requests that try, one gets it, the others
   * `undefined`, and so does one whose session is gone. For what {@link flash} has kept there is {@link flashes}. `await` it:
   * over a store that answers later it is a promise, and a warning (`UNTORN_NOT_AWAITED`) says where one is used as a text.
   *
   * Throws `SessionConflictError` (`UNTORN_SESSION_CONFLICT`) if others changed the session at every try, and what the
   * store throws.
   */
  take<K extends KeyOf<Data>>(key: K): Asked<Data[K] | undefined> {
    if (isReserved(key)) return undefined as Asked<Data[K] | undefined>
    this[STATE].accessed = true
    const taken = take(this[STATE], key)
    return (isPromise(taken) ? sayingSo(taken, `take('${key}')`) : taken) as Asked<Data[K] | undefined>
  }

  /** Every value, as an object of its own: for `JSON.stringify`. */
  toJSON(): Partial<Data> {
    return Object.fromEntries(this.entries()) as unknown as Partial<Data>
  }

  /** What `console.log` shows: the values, and nothing that could be used as a cookie. */
  [inspect.custom](): unknown {
    return this.toJSON()
  }

  get #values(): Values {
    return usedValues(this[STATE])
  }

  #writable(key: string): Values {
    refuseReserved(key)
    this[BEFORE_CHANGE]()
    return this.#values
  }
}

/** The values, which an answer now depends on. */
export function usedValues(state: SessionState): Values {
  state.accessed = true
  return state.values
}

function sum(key: string, value: unknown, by: number): number {
  const before = value === undefined ? 0 : value
  if (typeof before !== 'number') {
    throw invalidArgument('key', `the value "${key}" is no number, so nothing can be added to it`)
  }
  const after = before + by
  if (Number.isFinite(after)) return after
  throw invalidArgument('by', `the value "${key}" would be beyond what a number can be`)
}

/** Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`). */
function refuseReserved(key: string): void {
  if (!isReserved(key)) return
  throw new InvalidOptionError(key, 'session keys that begin with "untorn:" are the library\'s own')
}
