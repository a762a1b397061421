import type { SessionStore } from '../contract/store.ts'
import { after, attempt, type MaybePromise } from '../contract/wait.ts'
import { StoreBusyError, StoreUnavailableError } from '../errors.ts'
import { asOneOf, asWholeNumber, needed, refuseUnknown } from '../options/checks.ts'
import { asStore } from '../options/store.ts'

/** A call of a store that can be made to fail. */
export type StoreCall = (typeof CALLS)[number]

const CALLS = [
  'create',
  'load',
  'save',
  'exists',
  'delete',
  'clearExpired',
  'records',
  'byOwner',
  'count',
  'now',
] as const

/** How a call is to fail. */
export interface FailOptions {
  /** How many of the next calls fail. Default: each, until `heal()`. */
  times?: number
  /**
   * What it fails with: `'unavailable'` (a `StoreUnavailableError`, as of a server that is away or a disk that is full), `'busy'` (a
   * `StoreBusyError`), or an error of your own. Default: `'unavailable'`.
   */
  error?: 'unavailable' | 'busy' | Error
  /**
   * `true`: the call is carried out, and its answer is lost, as when a server ends a connection at the wrong moment. Default: `false`.
   */
  carriedOut?: boolean
}

/** A store that fails where a test says so. */
export interface FailingStore extends SessionStore {
  /**
   * From now on this call fails, or each of several: `store.fail('save')`, `store.fail(['load', 'save'], { times: 2 })`. Told again it
   * is as it was told last. Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for a call that there is not, and for other options.
   */
  fail(call: StoreCall | readonly StoreCall[], options?: FailOptions): void
  /** These calls work again; without any, all do. */
  heal(...calls: StoreCall[]): void
  /** How often each call was asked for, the failed ones included. */
  readonly calls: Readonly<Record<StoreCall, number>>
}

/** What is planned for a call. */
interface Plan {
  left: number
  readonly error: Error | 'unavailable' | 'busy'
  readonly carriedOut: boolean
}

/**
 * A store in front of another one, which fails when a test says so, with the errors that real ones throw: for tests of what an
 * application does while its store is away.
 *
 * ```ts
 * const store = failingStore(memoryStore())
 * const app = makeApp({ store })
 * store.fail('save', { times: 1 })
 * await request(app).post('/cart').set('Cookie', cookie).expect(503)
 * ```
 *
 * A store that answers at once throws at once; of any other the promise rejects. `close` never fails. Throws
 * `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for what is no store.
 */
export function failingStore(store: SessionStore): FailingStore {
  asStore('store', store)
  const plans = new Map<StoreCall, Plan>()
  const calls = Object.fromEntries(CALLS.map((call) => [call, 0])) as Record<StoreCall, number>

  const failing = (call: StoreCall, carryOut: () => unknown): unknown => {
    calls[call]++
    const plan = plans.get(call)
    if (plan === undefined || plan.left === 0) return carryOut()
    plan.left--
    const fail = (): never => {
      throw errorOf(plan, call)
    }
    if (plan.carriedOut) return attempt(() => after(carryOut() as MaybePromise<unknown>, fail), fail)
    return store.loadsAtOnce && call !== 'clearExpired' ? fail() : Promise.reject(errorOf(plan, call))
  }
  const own = {
    calls,
    fail(call: StoreCall | readonly StoreCall[], options: FailOptions = {}) {
      const plan = planOf(options)
      for (const each of [call].flat()) plans.set(asOneOf('call', each, CALLS), { ...plan })
    },
    heal(...healed: StoreCall[]) {
      for (const each of healed.length > 0 ? healed : CALLS) plans.delete(asOneOf('call', each, CALLS))
    },
    close: () => store.close(),
    ...(store.loadsAtOnce !== undefined && { loadsAtOnce: store.loadsAtOnce }),
  }
  for (const call of CALLS) {
    const method = store[call] as ((...args: unknown[]) => unknown) | undefined
    if (method === undefined) continue
    const carryOut = (args: unknown[]): unknown => Reflect.apply(method, store, args)
    const isListing = call === 'records' || call === 'byOwner'
    const asked = isListing
      ? (...args: unknown[]) => listed(() => failing(call, () => carryOut(args)))
      : (...args: unknown[]) => failing(call, () => carryOut(args))
    Object.assign(own, { [call]: asked })
  }
  return own as unknown as FailingStore
}

/** A listing fails where it is read, as those of real stores do. */
async function* listed(list: () => unknown): AsyncGenerator<unknown> {
  yield* (await list()) as AsyncIterable<unknown>
}

function planOf(options: FailOptions): Plan {
  refuseUnknown('', options as Record<string, unknown>, ['times', 'error', 'carriedOut'])
  const { times = Number.POSITIVE_INFINITY, error = 'unavailable', carriedOut = false } = options
  const left = times === Number.POSITIVE_INFINITY ? times : asWholeNumber('times', times, { from: 1 })
  if (!(error instanceof Error)) asOneOf('error', error, ['unavailable', 'busy'])
  if (typeof carriedOut !== 'boolean') throw needed('carriedOut', 'true or false', carriedOut)
  return { left, error, carriedOut }
}

/** A new one each time, as its stack says where it was met. */
function errorOf({ error }: Plan, call: StoreCall): Error {
  if (error instanceof Error) return error
  const said = `A test has made \`${call}\` of this store fail.`
  return error === 'busy' ? new StoreBusyError(said) : new StoreUnavailableError(said)
}
