import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import express, { type Express, type RequestHandler } from 'express'

/** What a handler does with its session, and what it answers. */
export type Handler = (session: Record<string, unknown>) => string

type Handle = (session: Record<string, unknown>, res: ServerResponse) => void

const HANDLE = Symbol('handle')

type Asked = IncomingMessage & { [HANDLE]: Handle; session: Record<string, unknown> }

/** An application of Express with a middleware, that of the sessions if it has any; its handler comes with the request. */
export function applicationWith(middleware: RequestHandler): Express {
  const app = express()
  app.use(middleware)
  app.use((req, res) => {
    const asked = req as unknown as Asked
    asked[HANDLE](asked.session, res)
  })
  return app
}

// Nothing is ever written to it: a response without a socket keeps what it is given.
const nowhere = new Socket()

/**
 * One request without a connection: what is timed is the application, and the head of an answer. `handle` gets the session
 * once it is there, and ends the response. `done` is called when that has ended.
 */
export function ask(
  app: Express,
  cookie: string | undefined,
  handle: Handle,
  done: (error?: unknown, res?: ServerResponse) => void,
): void {
  const req = new IncomingMessage(nowhere) as Asked
  req.method = 'GET'
  req.url = '/'
  req.headers = cookie === undefined ? { host: 'localhost' } : { host: 'localhost', cookie }
  req[HANDLE] = handle
  const res = new ServerResponse(req)
  const { end } = res as { end: (...args: unknown[]) => ServerResponse }
  res.end = ((...args: unknown[]) => {
    end.apply(res, args)
    done(undefined, res)
    return res
  }) as typeof res.end
  app(req as never, res as never, (error?: unknown) => done(error ?? new Error('Nobody has answered.')))
}

/** The cookie of a new session that holds these values. */
export function begin(app: Express, values: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const handle: Handle = (session, res) => {
      Object.assign(session, values)
      res.end('begun')
    }
    ask(app, undefined, handle, (error, res) => {
      const [line] = [res?.getHeader('set-cookie') ?? []].flat() as string[]
      if (line === undefined) reject(error ?? new Error('A new session has sent no cookie.'))
      else resolve(line.split(';', 1)[0]!)
    })
  })
}

/** Requests one after the other, by callbacks alone: a promise would cost. */
export function askInTurn(count: number, app: Express, cookie: string, handler: Handler): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = count
    let asking = false
    const handle: Handle = (session, res) => {
      res.end(handler(session))
    }
    const done = (error?: unknown): void => {
      left--
      if (error) reject(error)
      // What answers within the call would call itself ever deeper: the loop below goes on then.
      else if (!asking) askOthers()
    }
    const askOthers = (): void => {
      asking = true
      for (let before = left + 1; left > 0 && left < before; ) {
        before = left
        ask(app, cookie, handle, done)
      }
      asking = false
      if (left === 0) resolve()
    }
    askOthers()
  })
}
