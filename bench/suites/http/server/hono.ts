import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono, type MiddlewareHandler } from 'hono'
import { getIronSession } from 'iron-session'
import type { SessionStore } from 'untorn'
import { sessions } from 'untorn/hono'
import { answerTo, none } from './answer.ts'

type Variables = { session: object }

export const withUntorn = (store: SessionStore): MiddlewareHandler =>
  sessions({ store }) as unknown as MiddlewareHandler

/** As its documentation has it: sealed into the cookie, and saved by the handler; here where something has changed. */
export const withIronSession: MiddlewareHandler<{ Variables: Variables }> = async (c, next) => {
  const options = {
    password: 'of the bench, which is long enough',
    cookieName: 'sid',
    cookieOptions: { secure: false },
  }
  const answer = new Response()
  const session = await getIronSession<Record<string, unknown>>(c.req.raw, answer, options)
  c.set('session', session)
  await next()
  if (c.req.method !== 'POST') return
  await session.save()
  for (const line of answer.headers.getSetCookie()) c.res.headers.append('set-cookie', line)
}

export function honoServer(middleware: MiddlewareHandler | undefined): Server {
  const app = new Hono<{ Variables: Variables }>()
  if (middleware !== undefined) app.use(middleware)
  const handle = async (path: string, session: () => object): Promise<object> => answerTo(path, session)
  app.get('/visit', (c) => c.json({ id: 0, name: 'visitor' }))
  app.all('*', async (c) => {
    const session = middleware === undefined ? none : () => c.get('session')
    return c.json(await handle(c.req.path, session))
  })
  return createServer(getRequestListener(app.fetch))
}
