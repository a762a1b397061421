import type { ServerResponse } from 'node:http'
import type { FetchRequest } from '../fetch/host.ts'
import { addAsItLeaves } from '../node/response/leaving.ts'
import type { CommittedSession } from '../request/committed-session.ts'
import { OF_THE_BODY } from '../request/of-the-body.ts'

/** What is asked of Hono's `Context`. */
export interface HonoContext {
  readonly req: { readonly raw: FetchRequest }
  // biome-ignore lint/suspicious/noExplicitAny: bindings are for whoever starts Hono to say
  readonly env: any
  get res(): Response
  set res(response: Response | undefined)
  // biome-ignore lint/suspicious/noExplicitAny: a variable of Hono's is of any type
  get(name: any): any
  // biome-ignore lint/suspicious/noExplicitAny: as above
  set(name: any, value: any): void
}

/** The response of Node.js that an answer is sent by, where `@hono/node-server` does that. */
export type Outgoing = ServerResponse

const OUTGOING = Symbol('untorn.outgoing')

/**
 * Has a request know its response, whose session is asked by the request alone. It stands on the request itself: a map by requests, which
 * live for a moment, costs the garbage collection more than the session costs.
 */
export function noteOutgoing({ req, env }: HonoContext): void {
  const { outgoing } = (env ?? {}) as { outgoing?: Partial<Outgoing> }
  if (typeof outgoing?.once !== 'function' || typeof outgoing.writeHead !== 'function') return
  Object.defineProperty(req.raw, OUTGOING, { value: outgoing, writable: true })
}

export function notedOutgoing(request: FetchRequest): Outgoing | undefined {
  return (request as { [OUTGOING]?: Outgoing })[OUTGOING]
}

/**
 * Puts a response in the place of the one that is there. Hono takes the headers of that over to a new one: its cookies in the
 * place of the new ones.
 */
export function replaceAnswer(c: HonoContext, response: Response): void {
  c.res = undefined
  c.res = response
}

/**
 * What a middleware in front sets once the session is committed has not the last word over an answer with a cookie, where it is sent
 * by Node.js. An application may call itself with the same `env`: what it gets then is another answer, and has no such cookie.
 */
export function addAsAnswerLeaves<Data extends object>(
  outgoing: Outgoing,
  session: CommittedSession<Data, FetchRequest>,
): void {
  addAsItLeaves(outgoing, {
    addTo(headers) {
      const lines = headers.getSetCookie()
      if (session.cookies.some(({ line }) => lines.includes(line))) session.addTo(headers)
    },
  })
}

/**
 * Takes away what a handler has answered, for an error's answer: it has the headers that are left, as Hono takes them over.
 * Those that a middleware in front has set are among them.
 */
export function giveUpAnswer(c: HonoContext): Headers {
  const headers = new Headers(c.res.headers)
  for (const name of OF_THE_BODY) headers.delete(name)
  const empty = new Response(null, { headers })
  replaceAnswer(c, empty)
  return empty.headers
}
