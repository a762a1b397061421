import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'

type Listener = (...args: unknown[]) => void

/** Who writes into a response, and waits for it: streams that are piped, `drain` listeners, callbacks of calls. */
export class Writers {
  readonly #res: ServerResponse
  #sources: Readable[] = []
  #drains: Listener[] = []
  #callbacks: Listener[] = []

  constructor(res: ServerResponse) {
    this.#res = res
  }

  pipes(source: Readable): void {
    this.#sources.push(source)
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
    const cut: Readable[] = []
    const note = (source: Readable) => cut.push(source)
    res.on('unpipe', note)
    for (const source of this.#sources) source.unpipe(res)
    res.removeListener('unpipe', note)
    this.#sources = cut
    const drains = res.rawListeners('drain') as Listener[]
    this.#drains = [...new Set([...this.#drains, ...drains])]
    res.removeAllListeners('drain')
  }

  /** Lets everybody go on to their end, a stream too, which then closes its file: nothing of it arrives any more. */
  letGo(): void {
    for (const source of this.#sources) source.resume()
    this.#sources = []
    for (const callback of this.#callbacks) callback()
    this.#callbacks = []
    // Back to where they look for it, since they may wait more than once.
    for (const listener of this.#drains) EventEmitter.prototype.on.call(this.#res, 'drain', listener)
    this.wake()
  }
}
