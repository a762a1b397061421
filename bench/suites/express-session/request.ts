import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

/** A middleware as express-session and untorn have them. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void

/** What a handler does with its session, and what it answers. */
export type Handler = (session: Record<string, unknown>) => string

/** A response of Node.js that nobody receives: head and body are made, and kept. */
class KeptResponse extends ServerResponse {
  declare onEnd: () => void

  override end(...args: unknown[]): this {
    const end = super.end as (...args: unknown[]) => this
    const result = end.apply(this, args)
    this.onEnd()
    return result
  }
}

// Nothing is ever written to it: a response without a socket keeps what it is given.
const nowhere = new Socket()

/**
 * One request through a middleware, without a connection: what is timed is the middleware, and the head of an answer.
 * `handle` gets the request once its session is there, and ends the response. `done` is called when that has ended.
 */
export function ask(
  middleware: Middleware,
  cookie: string | undefined,
  handle: (session: Record<string, unknown>, res: ServerResponse) => void,
  done: (error?: unknown, res?: ServerResponse) => void,
): void {
  const req = new IncomingMessage(nowhere)
  req.method = 'GET'
  req.url = '/'
  req.headers = cookie === undefined ? { host: 'localhost' } : { host: 'localhost', cookie }
  const res = new KeptResponse(req)
  res.onEnd = () => done(undefined, res)
  middleware(req, res, (error) => {
    if (error) done(error)
    else handle((req as unknown as { session: Record<string, unknown> }).session, res)
  })
}

/** The cookie of a new session that holds these values. */
export function begin(middleware: Middleware, values: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const handle = (session: Record<string, unknown>, res: ServerResponse): void => {
      Object.assign(session, values)
      res.end('begun')
    }
    ask(middleware, undefined, handle, (error, res) => {
      if (!res) return reject(error)
      const [line] = [res.getHeader('set-cookie') ?? []].flat() as string[]
      if (line === undefined) reject(new Error('A new session has sent no cookie.'))
      else resolve(line.split(';', 1)[0]!)
    })
  })
}

/** Requests one after the other, by callbacks alone: a promise would cost. */
export function askInTurn(
  count: number,
  middleware: Middleware,
  cookie: string,
  handler: Handler,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = count
    const handle = (session: Record<string, unknown>, res: ServerResponse): void => {
      res.end(handler(session))
    }
    // What answers at once would call itself ever deeper.
    let running = false
    let answered = false
    const done = (error?: unknown): void => {
      if (error) return reject(error)
      answered = true
      if (!running) next()
    }
    const next = (): void => {
      running = true
      do {
        if (left-- === 0) return resolve()
        answered = false
        ask(middleware, cookie, handle, done)
      } while (answered)
      running = false
    }
    next()
  })
}
