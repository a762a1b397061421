import type { SessionStore } from '../../../src/contract/store.ts'
import { StoreUnavailableError } from '../../../src/errors.ts'
import { memoryStore } from '../../../src/stores/memory/memory-store.ts'

type Call = 'create' | 'load' | 'save' | 'delete' | 'exists'
const CALLS: readonly Call[] = ['create', 'load', 'save', 'delete', 'exists']

/** A store with something in front of each of its calls, which can wait, throw, or count. */
function inFrontOf(
  store: SessionStore,
  before: (call: Call) => Promise<void> | void,
  loadsAtOnce: boolean,
): SessionStore {
  const wrapped = Object.fromEntries(
    CALLS.map((call) => [
      call,
      (...args: unknown[]) => {
        const go = () => Reflect.apply(store[call] as (...args: unknown[]) => unknown, store, args)
        const waiting = before(call)
        return waiting ? waiting.then(go) : go()
      },
    ]),
  )
  const rest = {
    loadsAtOnce,
    clearExpired: () => store.clearExpired(),
    records: () => store.records(),
    close: () => store.close(),
  }
  return { ...wrapped, ...rest } as unknown as SessionStore
}

/** Answers with a promise after 5 to 20 ms. */
export function slowly(store: SessionStore): SessionStore {
  const wait = () => new Promise<void>((done) => setTimeout(done, 5 + Math.random() * 15))
  return inFrontOf(store, wait, false)
}

/** How the stores of this library answer: at once, or after a while. */
export const pace: Record<string, (store: SessionStore) => SessionStore> = {
  'a store that answers at once': (store) => store,
  'a slow store': slowly,
}

/** A store whose calls fail while they are named in `broken`. */
export function breakable(): { store: SessionStore; broken: Set<Call> } {
  const broken = new Set<Call>()
  const fail = (call: Call) => {
    if (broken.has(call)) throw new StoreUnavailableError('The disk is full.')
  }
  return { store: inFrontOf(memoryStore(), fail, true), broken }
}

/** Counts the calls that reach a store. */
export function counted(): { store: SessionStore; calls: Call[] } {
  const calls: Call[] = []
  return { store: inFrontOf(memoryStore(), (call) => void calls.push(call), true), calls }
}

/** A store whose loads wait, each until it is let go: with an error, it fails. */
export function holding(): { store: SessionStore; loads: ((error?: Error) => void)[] } {
  const loads: ((error?: Error) => void)[] = []
  const hold = (call: Call) => {
    if (call !== 'load') return
    return new Promise<void>((go, fail) => loads.push((error) => (error === undefined ? go() : fail(error))))
  }
  return { store: inFrontOf(memoryStore(), hold, false), loads }
}
