import type { ServerResponse } from 'node:http'
import { clearAnswer } from './headers.ts'
import type { HeadMethod, HeadMethods } from './held-calls.ts'
import { pretend } from './pretend.ts'
import type { Writers } from './writers.ts'

/**
 * An answer that was given up before anything of it had left, while an error is answered in its place. Both speak
 * through one response, so what the given-up one still says has to be told from the error's answer: it is what the
 * handler says before its turn ends, what streams that were cut off would say, and all that comes after the end.
 */
export class FailedAnswer {
  readonly #res: ServerResponse
  readonly #original: HeadMethods
  readonly #writers: Writers
  #endTurn: (() => void) | undefined
  // The response itself says so later, if a compressing middleware has still to write.
  #answered = false

  constructor(res: ServerResponse, original: HeadMethods, writers: Writers) {
    this.#res = res
    this.#original = original
    this.#writers = writers
  }

  /** Lets the error be answered, on a response that is as if nothing had been said. */
  replace(answerError: () => void): void {
    this.#writers.cutOff()
    this.#res.on('close', () => this.#writers.letGo())
    clearAnswer(this.#res)
    const endTurn = () => {
      this.#endTurn?.()
      this.#endTurn = undefined
    }
    // Both, and before the error handler: whichever queue comes first, what it puts there itself comes later.
    queueMicrotask(endTurn)
    process.nextTick(endTurn)
    answerError()
    // A stream that the handler starts now waits.
    this.#endTurn = pretend(this.#res, 'writableNeedDrain', true)
  }

  /** The handler that was given up is still running. */
  get inItsTurn(): boolean {
    return this.#endTurn !== undefined
  }

  /** A call of the error handler, if nothing says otherwise. */
  call(method: HeadMethod, args: unknown[]): unknown {
    if (this.inItsTurn || this.#answered) return this.swallow(method, args)
    const answer = Reflect.apply(this.#original[method], this.#res, args)
    if (method === 'end') this.#answered = true
    return answer
  }

  /** Answers a call that means nothing any more so that its caller goes on quietly, once the error is answered. */
  swallow(method: HeadMethod, args: unknown[]): unknown {
    this.#writers.waitsForCall(args)
    if (method === 'flushHeaders') return undefined
    if (this.#answered) process.nextTick(() => this.#writers.letGo())
    return method === 'write' ? this.#answered : this.#res
  }
}
