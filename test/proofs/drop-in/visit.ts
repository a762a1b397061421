import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { isPromise } from '../../../src/contract/wait.ts'
import type session from '../../../src/express-session.ts'
import type { SessionOptions } from '../../../src/express-session.ts'
import type { SessionStore } from '../../../src/index.ts'
import type { Served, Verb } from './verbs.ts'

/** The library as it stands in src/, or with a fault in it. */
export interface Library {
  readonly session: typeof session
}

export const OPTIONS: SessionOptions = {
  secret: 'a secret',
  resave: false,
  saveUninitialized: false,
  rolling: true,
  unset: 'destroy',
  cookie: { maxAge: 3_600_000 },
}

/** One request, from its beginning to what left of its answer. */
export class Visit {
  readonly verb: Verb
  readonly mark: string
  /** The cookie that it came with. */
  readonly shown: string | undefined
  /** `undefined`: there is no answer, as yet. */
  status: number | undefined
  /** The cookie that its answer brings. */
  given: string | undefined
  /** What its handler saw. */
  seen: unknown
  /** The id of its session when its handler was done. */
  id: string | undefined
  /** Of the handler, and of what went to `next` behind it. */
  readonly errors: unknown[] = []
  /** How often the handler was called. */
  handled = 0
  hasDied = false
  /** Called when the answer leaves. */
  onAnswer: () => void = () => {}

  constructor(verb: Verb, mark: string, shown: string | undefined) {
    this.verb = verb
    this.mark = mark
    this.shown = shown
  }

  get isOver(): boolean {
    return this.hasDied || this.status !== undefined
  }

  /** It was answered, and nobody was told of an error. */
  get isDone(): boolean {
    return this.status === 200 && this.errors.length === 0
  }

  begin({ session }: Library, store: SessionStore): void {
    const req = new IncomingMessage(new Socket())
    req.url = '/'
    if (this.shown !== undefined) req.headers.cookie = this.shown
    const res = new ServerResponse(req)
    res.end = (() => {
      this.status ??= res.statusCode
      const lines = [res.getHeader('Set-Cookie') ?? []].flat().map(String)
      this.given = lines[0]?.split(';', 1)[0]
      this.onAnswer()
      return res
    }) as typeof res.end
    session({ ...OPTIONS, store })(req, res, (error) => {
      if (error === undefined) void this.#handle(req as never, res, store)
      else this.#failed(res, error)
    })
  }

  async #handle(req: Served, res: ServerResponse, store: SessionStore): Promise<void> {
    this.handled++
    try {
      const acting = this.verb.act(req, this.mark, store)
      this.seen = isPromise(acting) ? await acting : acting
      this.id = req.sessionID
      res.end()
    } catch (error) {
      this.#failed(res, error)
    }
  }

  #failed(res: ServerResponse, error: unknown): void {
    this.errors.push(error)
    if (this.status !== undefined) return
    res.statusCode = 500
    res.end()
  }
}

export function idIn(cookie: string | undefined): string | undefined {
  return cookie && decodeURIComponent(cookie).replace('connect.sid=s:', '').split('.')[0]
}
