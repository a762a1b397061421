import type { ServerResponse } from 'node:http'
import { isPromise, type MaybePromise } from '../../../contract/wait.ts'
import type { ResponseHeaders } from '../../request/head-additions.ts'
import { FailedAnswer } from './failed-answer.ts'
import { addToHead, adoptHeaders } from './headers.ts'
import { type HeadMethod, type HeadMethods, HeldCalls } from './held-calls.ts'
import { Writers } from './writers.ts'

/** What is to be added to a head. */
export interface AddsToHead {
  addTo(headers: ResponseHeaders): void
}

/** Who has something to do before a response's head leaves. */
export interface HeadHost {
  /** Does it; what to add to the head. */
  beforeHead(): MaybePromise<AddsToHead | undefined>
  /** It has failed; the response is clean, with status 500, for an error's answer. Must not throw. */
  headFailed(error: unknown): void
  /** The head has not left after all: it will be asked once more before it does. */
  headStays(): void
}

/**
 * - `open`: nothing has left, the task has not run
 * - `committing`: the task runs, and what the handler says meanwhile is held
 * - `passed`: calls go straight to the response
 * - `failed`: calls of the handler are dropped, those of the error handler pass until it has answered
 */
export type HeadState = 'open' | 'committing' | 'passed' | 'failed'

/**
 * Has the host asked before the response's head leaves, whatever way the handler answers. A host who answers now
 * delays nothing. While one that answers with a promise is at work, the handler's calls are held, in order.
 *
 * It is asked once, unless Node refuses the call that it was asked for (an invalid header, say): the head is then
 * still to come.
 */
export function watchHead(res: ServerResponse, host: HeadHost): Head {
  const head = new Head(res, host)
  ;(res as WithHead)[HEAD] = head
  watch(res, WATCHED)
  return head
}

/**
 * The same for a host that shares its watch with nobody, and whom {@link headOf} does not find: several such may watch a
 * response, beside the one of {@link watchHead}. Who came last is asked first.
 */
export function watchHeadApart(res: ServerResponse, host: HeadHost): void {
  const head: Head = new Head(res, host, () => head)
  watch(
    res,
    watched(() => head),
  )
}

/** The watch that a response has already; `undefined`: none. */
export function headOf(res: ServerResponse): Head | undefined {
  return (res as Partial<WithHead>)[HEAD]
}

export class Head {
  readonly #res: ServerResponse
  readonly host: HeadHost
  readonly #original: WatchedMethods
  #writers: Writers | undefined
  #state: HeadState = 'open'
  #held: HeldCalls | undefined
  #failed: FailedAnswer | undefined
  #instead: (() => void) | undefined
  readonly #find: FindHead

  constructor(res: ServerResponse, host: HeadHost, find: FindHead = byResponse) {
    this.#res = res
    this.host = host
    this.#find = find
    const { writeHead, write, end, flushHeaders, on } = res
    this.#original = { writeHead, write, end, flushHeaders, on }
  }

  get state(): HeadState {
    return this.#state
  }

  /** The handler has said its answer to the end, and it is on its way as soon as the task is done. */
  get holdsWholeAnswer(): boolean {
    return this.#held?.ended === true
  }

  /** A call of the handler, or of a middleware that wrapped the response after us. */
  call(method: HeadMethod, args: unknown[]): unknown {
    if (this.#state === 'passed') return Reflect.apply(this.#original[method], this.#res, args)
    if (this.#state === 'open') return this.#firstCall(method, args)
    return this.#held ? this.#held.take(method, args) : this.#failed?.swallow(method, args)
  }

  /** A call after the failure. */
  callAfterFailure(method: HeadMethod, args: unknown[]): unknown {
    return this.#failed?.call(method, args)
  }

  /**
   * Has somebody else answer in the handler's place, once the task is done; what the handler still says means nothing.
   * Whether that can be: nothing of an answer may have left, and the handler may not be done with its own.
   */
  answerInstead(answer: () => void): boolean {
    if (this.#state !== 'open' && (this.#state !== 'committing' || this.holdsWholeAnswer)) return false
    this.#instead = answer
    if (this.#state === 'open') this.#firstCall('end', [])
    return true
  }

  #firstCall(method: HeadMethod, args: unknown[]): unknown {
    this.#state = 'committing'
    let additions: MaybePromise<AddsToHead | undefined>
    try {
      additions = this.host.beforeHead()
    } catch (error) {
      return this.#fail(() => this.host.headFailed(error)).swallow(method, args)
    }
    if (!isPromise(additions)) return this.#pass(method, args, additions)
    this.#held = new HeldCalls(this.#res)
    additions.then(
      (done) => this.#release(done),
      (error: unknown) => this.#release(undefined, { error }),
    )
    return this.#held.take(method, args)
  }

  #pass(method: HeadMethod, args: unknown[], additions: AddsToHead | undefined): unknown {
    if (this.#instead) return this.#failInstead(this.#instead, additions).swallow(method, args)
    this.#state = 'passed'
    try {
      if (!additions) return Reflect.apply(this.#original[method], this.#res, args)
      const left = method === 'writeHead' ? adoptHeaders(this.#res, args) : args
      addToHead(this.#res, additions)
      return Reflect.apply(this.#original[method], this.#res, left)
    } catch (error) {
      if (!this.#res.headersSent) this.#stays()
      throw error
    }
  }

  #release(additions: AddsToHead | undefined, failure?: { error: unknown }): void {
    const held = this.#held!
    this.#held = undefined
    held.restore()
    // The only call was refused when it was made: whoever answers next runs the task again.
    if (held.empty && this.#instead === undefined) this.#stays()
    else if (failure) this.#failHeld(held, failure.error)
    else if (this.#instead) this.#failInstead(this.#instead, additions, held)
    else this.#letGo(held, additions)
  }

  #stays(): void {
    this.#state = 'open'
    this.host.headStays()
  }

  #letGo(held: HeldCalls, additions: AddsToHead | undefined): void {
    this.#state = 'passed'
    try {
      if (additions) addToHead(this.#res, additions)
      if (held.makeOn(this.#original)) this.#writersNow.wake()
    } catch (error) {
      if (this.#res.headersSent) this.#res.destroy(error as Error)
      else this.#failHeld(held, error)
    }
  }

  #failHeld(held: HeldCalls, error: unknown): void {
    for (const args of held.args) this.#writersNow.waitsForCall(args)
    this.#fail(() => this.host.headFailed(error))
  }

  #failInstead(answer: () => void, additions: AddsToHead | undefined, held?: HeldCalls): FailedAnswer {
    for (const args of held?.args ?? []) this.#writersNow.waitsForCall(args)
    return this.#fail(() => {
      if (additions) addToHead(this.#res, additions)
      answer()
    })
  }

  #fail(answer: () => void): FailedAnswer {
    this.#state = 'failed'
    this.#failed = new FailedAnswer(this.#res, this.#original, this.#writersNow)
    // The error's answer goes below the middlewares that wrapped the response after us: the answer that failed has
    // left them half-way, and what they still say belongs to it.
    putOn(this.#res, this.#find === byResponse ? AFTER_FAILURE : afterFailure(this.#find))
    this.#failed.replace(answer)
    return this.#failed
  }

  on(event: string | symbol, listener: (...args: unknown[]) => void): unknown {
    if (event === 'drain' && this.#state !== 'passed') {
      this.#writersNow.waitsForDrain(listener)
      // The error's answer may drain before it has ended.
      if (this.#failed?.inItsTurn) return this.#res
    }
    return Reflect.apply(this.#original.on, this.#res, [event, listener])
  }

  get #writersNow(): Writers {
    this.#writers ??= new Writers(this.#res)
    return this.#writers
  }
}

// Of every copy of this code (across-copies.ts), so that one watch serves all sessions of a request.
const HEAD = Symbol.for('untorn.head')
type WithHead = ServerResponse & { [HEAD]: Head }
type WatchedMethods = HeadMethods & { on: (...args: never[]) => unknown }

/** Which watch a method of a response belongs to. */
type FindHead = (res: WithHead) => Head
const byResponse: FindHead = (res) => res[HEAD]

const watched = (find: FindHead): WatchedMethods => ({
  ...methods(find, (head, method, args) => head.call(method, args)),
  on(this: WithHead, event: string | symbol, listener: (...args: unknown[]) => void) {
    return find(this).on(event, listener)
  },
})
const afterFailure = (find: FindHead): HeadMethods =>
  methods(find, (head, method, args) => head.callAfterFailure(method, args))

// The same functions on every response: what differs stands in its Head.
const WATCHED = watched(byResponse)
const AFTER_FAILURE = afterFailure(byResponse)

function methods(
  find: FindHead,
  receive: (head: Head, method: HeadMethod, args: unknown[]) => unknown,
): HeadMethods {
  const method = (name: HeadMethod) =>
    function (this: WithHead, ...args: unknown[]) {
      return receive(find(this), name, args)
    }
  return {
    writeHead: method('writeHead'),
    write: method('write'),
    end: method('end'),
    flushHeaders: method('flushHeaders'),
  }
}

function watch(res: ServerResponse, methods: WatchedMethods): void {
  putOn(res, methods)
  res.on = methods.on as typeof res.on
}

function putOn(res: ServerResponse, methods: HeadMethods): void {
  const target: HeadMethods = res
  target.writeHead = methods.writeHead
  target.write = methods.write
  target.end = methods.end
  target.flushHeaders = methods.flushHeaders
}
