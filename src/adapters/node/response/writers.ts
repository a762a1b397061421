import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'

type Listener = (...args: unknown[]) => void

/** Who writes into a response and waits for it: with listeners of `drain`, as streams do too, and with callbacks. */
export class Writers {
  readonly #res: ServerResponse
  #drains: Listener[] = []
  #callbacks: Listener[] = []

  constructor(res: ServerResponse) {
    this.#res = res
  }

  /** Kept although the response has it: a compressing middleware may take it to a stream that has nothing to drain. */
  waitsForDrain(listener: Listener): void {
    this.#drains.push(listener)
  }

  /** The callback among a call's arguments, if it has one. */
  waitsForCall(args: unknown[]): void {
    const callback = args.findLast((arg) => typeof arg === 'function')
    if (callback) this.#callbacks.push(callback as Listener)
  }

  /** Tells everybody who was told to wait, once. */
  wake(): void {
    const res = this.#res
    const stillThere = new Set<unknown>(res.rawListeners('drain'))
    const elsewhere = this.#drains.filter((listener) => !stillThere.has(listener))
    this.#drains = []
    res.emit('drain')
    for (const listener of elsewhere) Reflect.apply(listener, res, [])
  }

  /** Keeps everybody waiting while somebody else answers. */
  cutOff(): void {
    const res = this.#res
    this.#drains = [...new Set([...this.#drains, ...(res.rawListeners('drain') as Listener[])])]
    res.removeAllListeners('drain')
    // When the answer has ended a stream stops where it is, and would keep its file open.
    res.on('unpipe', (source: Readable) => source.resume())
  }

  /** Lets everybody go on to their end: nothing of it arrives any more. */
  letGo(): void {
    for (const callback of this.#callbacks) callback()
    this.#callbacks = []
    // Back to where they look for it, since they may wait more than once.
    for (const listener of this.#drains) EventEmitter.prototype.on.call(this.#res, 'drain', listener)
    this.wake()
  }
}
