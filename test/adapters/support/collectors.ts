import { EventEmitter } from 'node:events'
import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/**
 * Whoever calls an application without a server, and collects its answer: cloud functions and tests. Each stands for the
 * way in which a package that is used a lot does it; what they have in common is that they look at the response itself
 * to know when the answer is whole.
 */
export interface Collector {
  answerOf(application: Application, headers?: Record<string, string>): Promise<Collected>
}

export type Application = (req: IncomingMessage, res: ServerResponse) => unknown

export interface Collected {
  status: number
  headers: OutgoingHttpHeaders
  text: string
  /** How often a head, a body or an end was collected once it was taken for whole. */
  late: number
}

type AnyMethod = (...args: unknown[]) => unknown

const nothing = (): void => {}

function request(headers: Record<string, string>): IncomingMessage {
  // What stands in for the connection has no more than this.
  const socket = {
    encrypted: false,
    readable: false,
    remoteAddress: '127.0.0.1',
    end: nothing,
    destroy: nothing,
  }
  const req = new IncomingMessage(socket as unknown as Socket)
  Object.assign(req, { method: 'GET', url: '/', headers, complete: true, httpVersion: '1.1' })
  Object.assign(req, { httpVersionMajor: 1, httpVersionMinor: 1 })
  req.push(null)
  return req
}

/** A response over a connection that is none: it keeps what is written to it. */
class KeptResponse extends ServerResponse {
  readonly kept: string[] = []

  constructor(req: IncomingMessage) {
    super(req)
    this.useChunkedEncodingByDefault = false
    this.chunkedEncoding = false
    const socket = {
      _writableState: {},
      writable: true,
      on: nothing,
      removeListener: nothing,
      destroy: nothing,
      cork: nothing,
      uncork: nothing,
      write: (data: Buffer | string, encoding: unknown, done: unknown) => {
        this.kept.push(String(data))
        const callback = typeof encoding === 'function' ? encoding : done
        if (typeof callback === 'function') callback()
        return true
      },
    }
    this.assignSocket(socket as unknown as Socket)
    this.once('finish', () => this.emit('close'))
  }
}

/** No method: Express takes the response's prototype away. */
function collectedBy(res: KeptResponse): Collected {
  const text = res.kept.join('')
  const body = text.slice(text.indexOf('\r\n\r\n') + 4)
  return { status: res.statusCode, headers: res.getHeaders(), text: text === '' ? '' : body, late: 0 }
}

/** Takes an answer for whole that says so when the application returns, or else when it is told of it. */
function lookingAt(isWhole: (res: ServerResponse) => boolean): Collector {
  return {
    async answerOf(application, headers = {}) {
      const req = request(headers)
      const res = new KeptResponse(req)
      void application(req, res)
      if (!isWhole(res)) await new Promise((finished) => res.once('finish', finished))
      const collected = collectedBy(res)
      const parts = res.kept.length
      await new Promise((later) => setTimeout(later, 100))
      return { ...collected, late: res.kept.length - parts }
    },
  }
}

/** Puts methods of its own in front of the response's, keeps what passes through them, and is told by `finish`. */
const hookingTheCalls: Collector = {
  async answerOf(application, headers = {}) {
    const req = request(headers)
    const res = new ServerResponse(req)
    const parts: Buffer[] = []
    let calls = 0
    const { writeHead, write, end } = ServerResponse.prototype as unknown as Record<string, AnyMethod>
    let sent: OutgoingHttpHeaders = {}
    const hooks: Record<string, AnyMethod> = {
      writeHead(...args) {
        calls++
        Reflect.apply(writeHead!, res, args)
        sent = { ...res.getHeaders() }
        return res
      },
      write(chunk, ...rest) {
        calls++
        parts.push(Buffer.from(chunk as string))
        return Reflect.apply(write!, res, [chunk, ...rest])
      },
      end(chunk) {
        calls++
        if (chunk !== undefined && typeof chunk !== 'function') res.write(chunk)
        Reflect.apply(end!, res, [])
        res.emit('finish')
        res.destroy()
        return res
      },
    }
    Object.assign(res, hooks)
    const sink = new Duplex({ read: nothing, write: (_chunk, _encoding, done) => done() })
    res.assignSocket(sink as unknown as Socket)
    const finished = new Promise((done) => res.once('finish', done))
    void application(req, res)
    await finished
    const before = calls
    const text = Buffer.concat(parts).toString()
    await new Promise((later) => setTimeout(later, 100))
    return { status: res.statusCode, headers: sent, text, late: calls - before }
  },
}

/** No response of Node's at all, but an object that has its methods, and properties of its own. */
class MockResponse extends EventEmitter {
  statusCode = 200
  statusMessage = ''
  headersSent = false
  finished = false
  writableEnded = false
  writableFinished = false
  text = ''
  readonly #headers = new Map<string, number | string | string[]>()

  setHeader(name: string, value: number | string | string[]): this {
    this.#headers.set(name.toLowerCase(), value)
    return this
  }

  appendHeader(name: string, value: string): this {
    const before = this.#headers.get(name.toLowerCase())
    return this.setHeader(name, before === undefined ? value : [before, value].flat().map(String))
  }

  getHeader(name: string) {
    return this.#headers.get(name.toLowerCase())
  }

  // What express looks at.
  get = this.getHeader
  getHeaders = () => Object.fromEntries(this.#headers)
  hasHeader = (name: string) => this.#headers.has(name.toLowerCase())
  removeHeader = (name: string) => this.#headers.delete(name.toLowerCase())

  writeHead(status: number, headers: Record<string, string> = {}): this {
    this.statusCode = status
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value)
    this.headersSent = true
    return this
  }

  flushHeaders(): void {
    this.headersSent = true
  }

  write(chunk: unknown): boolean {
    this.headersSent = true
    this.text += String(chunk)
    return true
  }

  end(chunk?: unknown): this {
    if (this.writableEnded) return this
    if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) this.write(chunk)
    this.headersSent = true
    this.finished = true
    this.writableEnded = true
    this.writableFinished = true
    this.emit('end')
    this.emit('finish')
    return this
  }
}

const standingIn: Collector = {
  async answerOf(application, headers = {}) {
    const res = new MockResponse()
    const ended = new Promise((done) => res.once('end', done))
    void application(request(headers), res as unknown as ServerResponse)
    if (!res.writableEnded) await ended
    const { statusCode: status, text } = res
    return { status, headers: res.getHeaders(), text, late: 0 }
  },
}

export const collectors: Record<string, Collector> = {
  'keeps what is written, and looks at `finished`': lookingAt((res) => res.finished),
  'keeps what is written, and looks at `writableEnded`': lookingAt((res) => res.writableEnded),
  'hooks the calls, and listens to `finish`': hookingTheCalls,
  'is an object in place of a response': standingIn,
}
