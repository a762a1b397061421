import type { ServerResponse } from 'node:http'
import { vi } from 'vitest'
import type { Answer, Question } from '../../adapters/support/server.ts'
import type { AnyStore, Anything, Middleware, Req } from './implementation.ts'
import { mount, VisitorOf } from './one-server.ts'
import type { Subject } from './subjects.ts'

export type Handler = (req: Req, res: ServerResponse) => unknown

export const SECRET = 'a secret of the tests'

export interface Application {
  readonly store: AnyStore
  /** What `next` was given, and what the middleware or the handler threw. */
  readonly errors: Anything[]
  /** The first of them, which may be told behind the answer. */
  failed(): Promise<Anything>
  /** One request that brings no cookie, or the one it is told to. */
  ask(path?: string, question?: Question): Promise<Answer>
  visitor(): VisitorOf
}

export interface Mounted {
  /** What is done to the request before the middleware sees it. */
  before?: Handler
  middleware?: (session: Middleware) => Middleware
}

/**
 * An application on a server of its own, with the options that most give. Ids are counted, so that the cookies of two
 * implementations are the same. An error is the answer, as far as there is none yet.
 */
export async function runs(
  at: Subject,
  options: Record<string, Anything>,
  handler: Handler = (_req, res) => void res.end(),
  { before = () => {}, middleware = (session) => session }: Mounted = {},
): Promise<Application> {
  const store: AnyStore = options.store ?? at.store()
  const session = middleware(
    at.session({
      secret: SECRET,
      resave: false,
      saveUninitialized: false,
      genid: countedIds(),
      ...options,
      store,
    }),
  )
  const errors: Anything[] = []
  const asks = await mount((incoming, res) => {
    const req = incoming as Req
    const failed = (error: Anything) => {
      errors.push(error)
      if (res.headersSent) return
      res.statusCode = 500
      res.end(`failed: ${error.message}`)
    }
    try {
      before(req, res)
      session(req, res, (error) => {
        if (error) return failed(error)
        Promise.resolve(handled(handler, req, res)).catch(failed)
      })
    } catch (error) {
      failed(error)
    }
  })
  return {
    store,
    errors,
    failed: () =>
      vi.waitFor(() => errors[0] ?? Promise.reject(new Error('nothing has failed')), { timeout: 60_000 }),
    ask: (path = '/', question = {}) => asks({ ...question, path }),
    visitor: () => new VisitorOf(asks),
  }
}

async function handled(handler: Handler, req: Req, res: ServerResponse): Promise<void> {
  await handler(req, res)
}

export function countedIds(): () => string {
  let count = 0
  return () => `id-${++count}`
}

/** Of a method that takes a callback: what it is told. */
export function told(
  call: (callback: (error?: Anything, value?: Anything) => void) => unknown,
): Promise<Anything> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)))
  })
}

/** What the store holds for an id, as JSON; `undefined`, if there is nothing. */
export async function stored(store: AnyStore, sid = 'id-1'): Promise<Anything> {
  const session = await told((callback) => store.get(sid, callback))
  return session ? JSON.parse(JSON.stringify(session)) : undefined
}

/** What an answer says that matters to a session. */
export function essence({ status, setCookies, text }: Answer) {
  return { status, setCookies, text }
}

export const messages = (errors: readonly Anything[]): string[] => errors.map(({ message }) => message)

/** What a synchronous call throws. */
export function thrown(call: () => unknown): { name: string; message: string } | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    const { name, message } = error as Error
    return { name, message }
  }
}
