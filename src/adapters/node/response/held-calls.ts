import type { ServerResponse } from 'node:http'
import { adoptHeaders, isHttp2 } from './headers.ts'
import { pretend } from './pretend.ts'

/** The calls by which a response's head can leave. */
export type HeadMethod = 'writeHead' | 'write' | 'end' | 'flushHeaders'
export type HeadMethods = Record<HeadMethod, (...args: never[]) => unknown>

/**
 * What a handler said while the head was held back, in order. For the handler the head has left: an error handler must
 * not answer a second time, a header set now must be refused as Node refuses it.
 *
 * The end is nothing to pretend: who collects an answer (a test, a cloud function) takes it for whole as soon as
 * `finished` or `writableEnded` says so, and nothing of it is there yet.
 */
export class HeldCalls {
  readonly #res: ServerResponse
  readonly #calls: { method: HeadMethod; args: unknown[] }[] = []
  #restore: (() => void)[] = []
  #status = 200
  #statusMessage = ''
  #ended = false

  constructor(res: ServerResponse) {
    this.#res = res
  }

  get empty(): boolean {
    return this.#calls.length === 0
  }

  /** The handler has said its answer to the end. */
  get ended(): boolean {
    return this.#ended
  }

  /** Keeps a call for later and answers it as a response with a full buffer would. */
  take(method: HeadMethod, args: unknown[]): unknown {
    if (this.#ended && method !== 'writeHead') return this.#takeAfterEnd(method, args)
    if (this.empty) this.#begin(method, args)
    else if (method === 'writeHead') return this.#secondHead(args)
    else this.#calls.push({ method, args })
    if (method === 'end') {
      this.#ended = true
      this.#pretend('writableNeedDrain', false)
    }
    if (method === 'flushHeaders') return undefined
    return method === 'write' ? false : this.#res
  }

  /**
   * Whoever looks whether the answer has ended is told that it has not, and may end it once more. Node would have an
   * error for that which ends a process; here it means nothing, and its caller goes on quietly.
   */
  #takeAfterEnd(method: HeadMethod, args: unknown[]): unknown {
    const callback = args.findLast((arg) => typeof arg === 'function') as
      | ((error?: Error) => void)
      | undefined
    if (method === 'flushHeaders') return undefined
    if (method === 'end') {
      if (callback !== undefined) this.#res.once('finish', () => callback())
      return this.#res
    }
    if (callback !== undefined) process.nextTick(callback, writeAfterEnd())
    return true
  }

  /** What the first call says of the head stands from now on; Node refuses a wrong header here, and so do we. */
  #begin(method: HeadMethod, args: unknown[]): void {
    const res = this.#res
    const left = method === 'writeHead' ? adoptHeaders(res, args) : args
    if (method === 'writeHead') res.statusCode = args[0] as number
    this.#status = res.statusCode
    if (!isHttp2(res)) {
      this.#statusMessage = method === 'writeHead' && left.length === 2 ? String(left[1]) : res.statusMessage
    }
    this.#calls.push({ method, args: left })
    const refuse = () => {
      throw headersSent()
    }
    this.#pretend('headersSent', true)
    // A stream that begins only now waits, too.
    this.#pretend('writableNeedDrain', true)
    for (const change of ['setHeader', 'appendHeader', 'removeHeader']) this.#pretend(change, refuse)
  }

  /** Middlewares that wrap a response ask for its head once more, since they don't see it leave. */
  #secondHead(args: unknown[]): ServerResponse {
    if (args.length > 1 || args[0] !== this.#res.statusCode) throw headersSent()
    return this.#res
  }

  #pretend(name: string, value: unknown): void {
    this.#restore.push(pretend(this.#res, name, value))
  }

  /** The response shows its real state again. */
  restore(): void {
    const restore = this.#restore.reverse()
    this.#restore = []
    for (const undo of restore) undo()
  }

  /** Makes the calls at last. Whether those who were told to wait can go on. */
  makeOn(methods: HeadMethods): boolean {
    const res = this.#res
    res.statusCode = this.#status
    if (!isHttp2(res)) res.statusMessage = this.#statusMessage
    let flowing = true
    for (const { method, args } of this.#calls) {
      const answer = Reflect.apply(methods[method], res, args)
      if (method === 'write') flowing = answer === true
    }
    return flowing && !this.#ended
  }

  /** The arguments of each call. */
  get args(): unknown[][] {
    return this.#calls.map(({ args }) => args)
  }
}

function headersSent(): Error {
  const error = new Error("The response's head is on its way: headers can't be changed any more")
  return Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' })
}

function writeAfterEnd(): Error {
  return Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' })
}
