import type { Server } from 'node:http'
import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import Fastify, { type FastifyInstance } from 'fastify'
import type { SessionStore } from 'untorn'
import { sessions } from 'untorn/fastify'
import { answerTo, none } from './answer.ts'

type Plug = (app: FastifyInstance) => void

export const withUntorn =
  (store: SessionStore): Plug =>
  (app) =>
    void app.register(sessions({ store }) as never)

/** With its own store, in memory, and its defaults but for http. */
export const withFastifySession: Plug = (app) => {
  void app.register(fastifyCookie)
  void app.register(fastifySession, {
    secret: 'of the bench, which has to be as long as this',
    saveUninitialized: false,
    cookie: { secure: false },
  })
}

export async function fastifyServer(plug: Plug | undefined): Promise<Server> {
  const app = Fastify()
  plug?.(app)
  app.all('/*', async (request) => {
    const session = plug === undefined ? none : () => (request as unknown as { session: object }).session
    return answerTo(request.url, session)
  })
  await app.ready()
  return app.server
}
