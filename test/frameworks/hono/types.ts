// Uses that have to compile, and wrong ones that must not.
import { Hono } from 'hono'
import { hc } from 'hono/client'
import { createFactory, createMiddleware } from 'hono/factory'
import { createSessions } from 'untorn'
import { type PlainSession, type SessionVariables, sessions } from 'untorn/hono'

interface Data {
  views: number
  user: string
}

// Inferred of the middleware, in a chain, for a path, and for a route alone.
const app = new Hono()
  .use(sessions<Data>())
  .get('/', (c) => {
    c.var.session.views = (c.get('session').views ?? 0) + 1
    // @ts-expect-error: a number
    c.var.session.views = 'three'
    // @ts-expect-error: there is no such variable
    c.var.admin
    return c.json({ views: c.var.session.views, user: c.var.session.user })
  })
  .post('/logout', async (c) => {
    await c.var.session.logout()
    return c.body(null, 204)
  })
new Hono().use('/account/*', sessions<Data>()).get('/account/:name', (c) => c.text(c.var.session.user ?? ''))
new Hono().get('/', sessions<Data>(), (c) => c.text(c.var.session.user ?? ''))
new Hono().get('/', (c) => {
  // @ts-expect-error: it is mounted nowhere
  return c.text(c.var.session)
})

// Declared, where the middleware is not in the chain.
const declared = new Hono<{ Variables: SessionVariables<Data> }>()
declared.use(sessions<Data>())
declared.get('/', (c) => c.text(c.get('session').user ?? ''))
new Hono().route('/nested', declared)

// A second one beside it.
new Hono()
  .use(sessions<Data>(), sessions<{ role: string }, 'admin'>({ as: 'admin', cookie: { name: 'admin' } }))
  .get('/', (c) => {
    // @ts-expect-error: of the other one
    c.var.admin.user
    return c.text(`${c.var.session.user} ${c.var.admin.role}`)
  })
// @ts-expect-error: its name is not the one that its type says
sessions<Data, 'admin'>({ as: 'user' })

// Middlewares of one's own say what they need.
const signedIn = createMiddleware<{ Variables: SessionVariables<Data> & { user: string } }>(
  async (c, next) => {
    const { user } = c.var.session
    if (user === undefined) return c.text('sign in', 401)
    c.set('user', user)
    return next()
  },
)
new Hono().use(sessions<Data>()).get('/', signedIn, (c) => c.text(c.var.user))
createFactory<{ Variables: SessionVariables<Data> }>().createHandlers((c) => c.text(c.var.session.user ?? ''))

// A client by the types of the routes.
const client = hc<typeof app>('http://localhost')
export async function views(): Promise<number | undefined> {
  const answer = await (await client.index.$get()).json()
  // @ts-expect-error: a number
  const text: string = answer.views
  return text === '' ? undefined : answer.views
}

// What is shared with others.
const shared = createSessions<Data>()
const middleware = sessions({ sessions: shared })
export const session: Promise<unknown> = Promise.resolve(middleware.sessions.open(undefined))
export const plain = (given: PlainSession<Data>) => given.user
// @ts-expect-error: there is no such option
sessions({ sessoins: shared })
