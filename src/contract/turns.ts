import type { SessionKey } from './key.ts'
import type { SessionRecord } from './record.ts'
import type { SessionStore } from './store.ts'
import { type Steps, settled } from './wait.ts'

/** A turn, for whoever has it. */
export interface Turn {
  /** The newest record that those before have met: without it each of them would be a conflict. */
  newest: SessionRecord | undefined
}

/** Whether a turn has left something newer than this. */
export function isNewer(newest: SessionRecord | undefined, than: SessionRecord): newest is SessionRecord {
  return newest !== undefined && newest.version > than.version
}

/** Milliseconds that others wait for a turn to end: far more than a call takes, in a busy process too; less than its deadline. */
const PATIENCE = 1000

/** Whose turn it is, and who comes next. */
interface Line extends Turn {
  readonly waiting: (() => void)[]
  /** There once somebody waits. */
  patience: NodeJS.Timeout | undefined
  isOver: boolean
}

/**
 * What depends on what a session was, by whatever requests of this process: one at a time. All at once, one of them would be
 * saved and the others tried again, each time for all that are left.
 *
 * A turn is as long as its calls of the store, and no lock: where one fails or takes long, those who wait go on all at once.
 * Behind a store that does not answer each would wait for the deadlines of all before it.
 *
 * There is a line from when somebody has to wait for the store until nobody does: none of a store that answers at once.
 */
export class Turns {
  readonly #lines = new Map<SessionKey, Line>()

  /** Nobody waits for the store with a turn. */
  get isIdle(): boolean {
    return this.#lines.size === 0
  }

  /** Works on a session when it is its turn. */
  *take<T>(key: SessionKey, work: (turn: Turn) => Steps<T>): Steps<T> {
    const before = this.#lines.get(key)
    if (before !== undefined) {
      yield* settled(this.#wait(key, before))
      return yield* this.#work(key, before, work(before))
    }
    const line: Line = { newest: undefined, waiting: [], patience: undefined, isOver: false }
    const steps = work(line)
    const first = steps.next()
    if (first.done) return first.value
    if (this.#lines.has(key)) line.isOver = true
    else this.#lines.set(key, line)
    return yield* this.#work(key, line, begun(steps, first.value))
  }

  *#work<T>(key: SessionKey, line: Line, steps: Steps<T>): Steps<T> {
    try {
      const result = yield* steps
      this.#next(key, line)
      return result
    } catch (error) {
      this.#end(key, line)
      throw error
    }
  }

  #wait(key: SessionKey, line: Line): Promise<void> {
    line.patience ??= setTimeout(() => this.#end(key, line), PATIENCE).unref()
    return new Promise((resolve) => line.waiting.push(resolve))
  }

  #next(key: SessionKey, line: Line): void {
    const next = line.waiting.shift()
    line.patience?.refresh()
    if (next === undefined) this.#end(key, line)
    else next()
  }

  #end(key: SessionKey, line: Line): void {
    if (line.isOver) return
    line.isOver = true
    clearTimeout(line.patience)
    this.#lines.delete(key)
    for (const resolve of line.waiting.splice(0)) resolve()
  }
}

/** The rest of steps of which the first has been taken, and waits for this. */
function* begun<T>(steps: Steps<T>, first: Promise<unknown>): Steps<T> {
  let waitFor = first
  for (;;) {
    let next: IteratorResult<Promise<unknown>, T>
    try {
      next = steps.next(yield waitFor)
    } catch (error) {
      // From what was waited for or from the steps themselves; a finished generator rethrows either.
      next = steps.throw(error)
    }
    if (next.done) return next.value
    waitFor = next.value
  }
}

/** Of each store, as two applications may have one. */
const OF_STORES = new WeakMap<SessionStore, Turns>()

export function turnsOf(store: SessionStore): Turns {
  const known = OF_STORES.get(store)
  if (known !== undefined) return known
  const turns = new Turns()
  OF_STORES.set(store, turns)
  return turns
}
