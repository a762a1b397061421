import { MisuseError, StoreUnavailableError, UntornError } from '../../errors.ts'
import { cleanCause, withoutSecrets } from './cause.ts'
import { ServerClock } from './clock.ts'
import type { ServerStoreEvent } from './options.ts'
import { Outage } from './outage.ts'

/** What a driver's error means. */
export interface Meaning {
  /** The server did not answer, or can't serve anybody now; other calls would meet the same. */
  outage: boolean
  /** What to do, for the end of a message; `undefined`: see the cause. */
  advice?: string | undefined
  /** The error in place of a {@link StoreUnavailableError}, where it is one of set-up. */
  as?: (message: string, options: { cause: unknown }) => UntornError
}

/** One call of a store while it is carried out. */
export interface Call {
  /** From when on the server has to leave a change unmade: its own time in milliseconds, if it is known yet. */
  readonly voidFrom: number | undefined
  /** Takes in the server's time, in milliseconds, from an answer. */
  showed(serverTime: number): void
}

interface CallsOptions {
  /** As it is called in messages: Redis, PostgreSQL. */
  server: string
  /** Milliseconds. */
  deadline: number
  report: (event: ServerStoreEvent) => void
  meaningOf(error: unknown): Meaning
}

/** Carries out a store's calls of its server: each has a deadline, and what fails becomes one of untorn's errors. */
export class Calls {
  readonly #options: CallsOptions
  readonly #clock = new ServerClock()
  readonly #outage: Outage
  readonly #underWay = new Set<Promise<unknown>>()
  #closed = false

  constructor(options: CallsOptions) {
    this.#options = options
    this.#outage = new Outage(options.report)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** `doing` completes "could not ...". */
  async run<T>(doing: string, work: (call: Call) => Promise<T>): Promise<T> {
    this.assertOpen()
    const entered = this.#outage.enter()
    if (entered === 'refused') throw this.#refused(doing)
    const running = this.#inTime(doing, work)
    this.#underWay.add(running)
    try {
      const answer = await running
      this.#outage.answered(entered)
      return answer
    } catch (error) {
      if (isOutage(error)) this.#outage.failed(entered, error)
      else if (isMistake(error)) this.#outage.left(entered)
      else this.#outage.answered(entered)
      throw error
    } finally {
      this.#underWay.delete(running)
    }
  }

  assertOpen(): void {
    if (this.#closed) throw new MisuseError('The store is closed: close() it after its last request.')
  }

  /** Refuses further calls, and waits for those under way; none takes longer than its deadline. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#underWay)
  }

  #inTime<T>(doing: string, work: (call: Call) => Promise<T>): Promise<T> {
    const { deadline, server } = this.#options
    const sentAt = performance.now()
    const clock = this.#clock
    const call: Call = {
      get voidFrom() {
        return clock.at(sentAt + deadline)
      },
      showed: (serverTime) => clock.showed(serverTime, performance.now()),
    }
    return new Promise<T>((resolve, reject) => {
      const tooLate = () => {
        const error = new StoreUnavailableError(
          `Could not ${doing}: ${server} did not answer in ${deadline} ms. See whether it is up and within reach; the ` +
            'option `deadline` says how long to wait.',
        )
        OUTAGES.add(error)
        reject(error)
      }
      const timer = setTimeout(tooLate, deadline)
      const failed = (error: unknown) => {
        clearTimeout(timer)
        reject(this.#explained(doing, error))
      }
      const answered = (answer: T) => {
        clearTimeout(timer)
        resolve(answer)
      }
      try {
        work(call).then(answered, failed)
      } catch (error) {
        failed(error)
      }
    })
  }

  /** While another call finds out whether the server answers again. */
  #refused(doing: string): StoreUnavailableError {
    const { server } = this.#options
    return new StoreUnavailableError(
      `Could not ${doing}: ${server} does not answer, and is asked again by one call at a time until it does.`,
      { cause: this.#outage.last },
    )
  }

  #explained(doing: string, error: unknown): unknown {
    if (error instanceof UntornError || isMistake(error)) return error
    const { server, meaningOf } = this.#options
    const { outage, advice, as } = meaningOf(error)
    const cause = cleanCause(error)
    const said = advice ?? (withoutSecrets(cause.message) || 'see the cause')
    const message = `Could not ${doing}: ${server}: ${said.replace(/\.$/, '')}.`
    const explained = as?.(message, { cause }) ?? new StoreUnavailableError(message, { cause })
    if (outage) OUTAGES.add(explained)
    return explained
  }
}

/** Those of our errors that say that a server did not answer. */
const OUTAGES = new WeakSet<object>()

function isOutage(error: unknown): boolean {
  return typeof error === 'object' && error !== null && OUTAGES.has(error)
}

/** A wrong argument, ours or the caller's: no failure of a system. */
function isMistake(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError
}
