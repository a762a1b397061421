import type { MaybePromise } from '../../contract/wait.ts'
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
  /** Where none of the store's calls is with the server, why not, as far as the driver shows it: ends "it was not sent, as ...". */
  unsent?: (() => string | undefined) | undefined
}

/** Carries out a store's calls of its server: each has a deadline, and what fails becomes one of untorn's errors. */
export class Calls {
  readonly #options: CallsOptions
  readonly #clock = new ServerClock()
  #underWay = 0
  #whenIdle: (() => void)[] = []
  readonly #outage: Outage
  #closed = false
  #asking: Promise<number> | undefined

  constructor(options: CallsOptions) {
    this.#options = options
    this.#outage = new Outage(options.report)
  }

  get closed(): boolean {
    return this.#closed
  }

  /** `doing` completes "could not ...". */
  run<T>(doing: string, work: (call: Call) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.assertOpen()
      const entered = this.#outage.enter()
      if (entered === undefined) throw this.#refused(doing)
      const { deadline } = this.#options
      const call = new OneCall(this.#clock, performance.now() + deadline)
      this.#underWay++
      const late = () => {
        // A timer counts in whole milliseconds, and may come a part of one early. Whoever was told then that nothing is
        // saved could see it saved: the server takes it until the deadline.
        if (call.timeLeft > 0) {
          timer = setTimeout(late, Math.ceil(call.timeLeft))
          return
        }
        this.#end(call)
        const error = this.#tooLate(doing)
        this.#outage.late(entered, error)
        reject(error)
      }
      let timer = setTimeout(late, deadline)
      const failed = (error: unknown) => {
        if (call.isOver) return
        clearTimeout(timer)
        this.#end(call)
        const explained = this.#explained(doing, error)
        if (isOutage(explained)) this.#outage.failed(entered, explained)
        else if (isMistake(error)) this.#outage.left(entered)
        else this.#outage.answered(entered)
        reject(explained)
      }
      const answered = (answer: T) => {
        if (call.isOver) return
        clearTimeout(timer)
        this.#end(call)
        this.#outage.answered(entered)
        resolve(answer)
      }
      try {
        work(call).then(answered, failed)
      } catch (error) {
        failed(error)
      }
    })
  }

  /** The server's time in milliseconds, by its answers; where none has shown it yet, once `ask` has had the call shown it. */
  now(ask: (call: Call) => Promise<void>): MaybePromise<number> {
    this.assertOpen()
    const now = (): number | undefined => this.#clock.at(performance.now())
    return now() ?? this.#asked(() => this.run('ask for the time', (call) => ask(call).then(() => now()!)))
  }

  /** Once for all who ask at the same time, as the first requests of a process do. */
  #asked(ask: () => Promise<number>): Promise<number> {
    const forget = () => {
      this.#asking = undefined
    }
    if (this.#asking === undefined) {
      this.#asking = ask()
      this.#asking.then(forget, forget)
    }
    return this.#asking
  }

  assertOpen(): void {
    if (this.#closed) throw new MisuseError('The store is closed: close() it after its last request.')
  }

  /** Refuses further calls, and waits for those under way; none takes longer than its deadline. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }

  /** It has an answer, or its deadline has come. */
  #end(call: OneCall): void {
    call.isOver = true
    if (--this.#underWay === 0) for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  #tooLate(doing: string): StoreUnavailableError {
    const { deadline, server, unsent } = this.#options
    const why = unsent?.()
    if (why !== undefined) {
      return new StoreUnavailableError(
        `Could not ${doing}: it was not sent to ${server} in ${deadline} ms, as ${why}.`,
      )
    }
    return new StoreUnavailableError(
      `Could not ${doing}: ${server} did not answer in ${deadline} ms. See whether it is up and within reach; the ` +
        'option `deadline` says how long to wait.',
    )
  }

  /** While another call finds out whether the server answers again. */
  #refused(doing: string): StoreUnavailableError {
    const { server, unsent } = this.#options
    const why = unsent?.()
    const what = why === undefined ? 'does not answer' : `gets nothing, as ${why}`
    return new StoreUnavailableError(
      `Could not ${doing}: ${server} ${what}. It is asked again by one call at a time until it answers.`,
      { cause: this.#outage.last },
    )
  }

  #explained(doing: string, error: unknown): unknown {
    if (error instanceof UntornError) return error
    const { server, meaningOf } = this.#options
    const { outage, advice, as } = meaningOf(error)
    const cause = cleanCause(error)
    const said = advice ?? (withoutSecrets(cause.message) || 'see the cause')
    const message = `Could not ${doing}: ${server}: ${said.replace(/\.$/, '')}.`
    const explained = as?.(message, { cause }) ?? new StoreUnavailableError(message, { cause })
    if (outage && !isMistake(error)) OUTAGES.add(explained)
    return explained
  }
}

class OneCall implements Call {
  isOver = false
  readonly #clock: ServerClock
  /** By `performance.now()`. */
  readonly #until: number

  constructor(clock: ServerClock, until: number) {
    this.#clock = clock
    this.#until = until
  }

  /** Milliseconds until its deadline. */
  get timeLeft(): number {
    return this.#until - performance.now()
  }

  get voidFrom(): number | undefined {
    return this.#clock.at(this.#until)
  }

  showed(serverTime: number): void {
    this.#clock.showed(serverTime, performance.now())
  }
}

/** Those of our errors that say that a server did not answer. */
const OUTAGES = new WeakSet<object>()

function isOutage(error: unknown): boolean {
  return typeof error === 'object' && error !== null && OUTAGES.has(error)
}

/** Of a program, not of a system: a driver that was set up wrongly, or a record that somebody has changed by hand. */
function isMistake(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError
}
