import { createServer, type Server } from 'node:http'
import Koa from 'koa'
import koaSession from 'koa-session'
import type { SessionStore } from 'untorn'
import { sessions } from 'untorn/koa'
import { answerTo, none } from './answer.ts'

export type Plug = (app: Koa) => void

export const withUntorn =
  (store: SessionStore): Plug =>
  (app) =>
    void app.use(sessions({ store }) as never)

/** With its defaults: all of the session in a signed cookie. */
export const withKoaSession: Plug = (app) => {
  app.keys = ['of the bench']
  app.use(koaSession({ key: 'sid' }, app as never) as never)
}

export function koaServer(plug: Plug | undefined): Server {
  const app = new Koa()
  plug?.(app)
  app.use(async (ctx) => {
    const session = plug === undefined ? none : () => (ctx as unknown as { session: object }).session
    ctx.body = await answerTo(ctx.path, session)
  })
  return createServer(app.callback())
}
