import cookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import fastify from 'fastify'

/** Fastify, whose sessions are its own, in a store as express-session's. */
export default async function application({ store, gate }) {
  const app = fastify()
  app.register(cookie)
  app.register(fastifySession, {
    secret: 'a secret of the application, of 32 letters at least',
    cookie: { secure: false, maxAge: 3_600_000 },
    saveUninitialized: false,
    store,
  })
  app.post('/login/:name', async (request) => {
    await request.session.regenerate(['cart'])
    request.session.user = request.params.name
    return {}
  })
  app.post('/logout', async (request) => {
    await request.session.destroy()
    return {}
  })
  app.post('/add', async ({ session }) => {
    session.set('cart', [...(session.get('cart') ?? []), 'a book'])
    return {}
  })
  app.post('/add-slowly', async ({ session }) => {
    await gate.pass()
    session.note = 'slow'
    return {}
  })
  app.get('/slowly', async () => {
    await gate.pass()
    return {}
  })
  app.get('/', async ({ session }) => {
    const { cookie, ...values } = session
    return values
  })
  await app.ready()
  return app.routing
}
