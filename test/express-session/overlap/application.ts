import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import session, { type Session, type SessionOptions, untornStore } from '../../../src/express-session.ts'
import type { SessionStore } from '../../../src/index.ts'
import { type Answer, ask, serve } from '../../adapters/support/server.ts'

export type Req = IncomingMessage & { session: Session; sessionID: string }
export type Handlers = Record<string, (req: Req, res: ServerResponse) => unknown>

// Without its types, which are not installed.
const realSession = createRequire(import.meta.url)('express-session') as (options: object) => Middleware

type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => unknown

/** The middlewares whose requests may overlap: this one, and express-session itself over the same store. */
export const MIDDLEWARES: Record<string, (store: SessionStore, options: SessionOptions) => Middleware> = {
  'untorn/express-session': (store, options) => session({ ...options, store }),
  'express-session over untornStore': (store, options) => {
    const { secret, resave, saveUninitialized, rolling, unset, cookie } = options
    const own = { secret, resave, saveUninitialized, rolling, unset, cookie }
    return realSession({ ...own, store: untornStore(store) })
  },
}

const DEFAULTS = { secret: 'a secret', resave: false, saveUninitialized: false }

export interface Application {
  /** What went to `next`. */
  readonly errors: unknown[]
  visitor(): Visitor
}

/** A server of these handlers, by their paths. */
export async function start(
  middleware: (typeof MIDDLEWARES)[string],
  store: SessionStore,
  handlers: Handlers,
  options: SessionOptions = {},
): Promise<Application> {
  const errors: unknown[] = []
  const mounted = middleware(store, { ...DEFAULTS, ...options })
  const port = await serve((req, res) => {
    mounted(req, res, (error) => {
      if (error === undefined) return handlers[req.url!.split('?')[0]!]!(req as Req, res)
      errors.push(error)
      if (!res.headersSent) res.writeHead(500).end()
      return undefined
    })
  })
  return { errors, visitor: () => new Visitor(port) }
}

/** A browser, as far as its session cookie goes. */
export class Visitor {
  cookie: string | undefined
  readonly #port: number

  constructor(port: number) {
    this.#port = port
  }

  /** `cookie`: as another tab sent it a while ago. */
  async get(path: string, cookie = this.cookie): Promise<Answer> {
    const answer = await ask(this.#port, { path, headers: cookie === undefined ? {} : { cookie } })
    for (const line of answer.setCookies) this.cookie = line.split(';')[0]!
    return answer
  }

  async values(): Promise<Record<string, unknown>> {
    return JSON.parse((await this.get('/values')).text)
  }
}

/** A door that many wait at until it is opened. */
export function door(): { waits: Promise<void>; open: () => void } {
  let open!: () => void
  const waits = new Promise<void>((resolve) => {
    open = resolve
  })
  return { waits, open }
}
