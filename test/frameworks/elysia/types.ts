import { Elysia, t } from 'elysia'
import { sessions } from 'untorn/elysia'

interface Data {
  views: number
  user: string
}
const app = new Elysia()
  .use(sessions<Data>())
  .onError(({ session, code }) => {
    if (code === 'VALIDATION' && session) session.user = 'x'
  })
  .get('/', ({ session }) => {
    session.views = (session.views ?? 0) + 1
    // @ts-expect-error: a number
    session.views = 'three'
    return `${session.views} ${session.user?.length}`
  })
  .post('/', ({ session, body }) => session.user ?? body.name, { body: t.Object({ name: t.String() }) })
export type App = typeof app
new Elysia().get('/', (c) => {
  // @ts-expect-error: there is none
  c.session
})
const auth = new Elysia({ name: 'auth' }).use(sessions<Data>()).as('scoped')
new Elysia().use(auth).get('/', ({ session }) => session.user ?? '')
const local = new Elysia({ name: 'auth' }).use(sessions<Data>())
new Elysia().use(local).get('/', (c) => {
  // @ts-expect-error: it is local to the other
  c.session
})
new Elysia()
  .use(sessions<Data>())
  .use(sessions<{ role: string }, 'admin'>({ as: 'admin', cookie: { name: 'admin' } }))
  .get('/', ({ session, admin }) => {
    // @ts-expect-error: of the other one
    admin.user
    return (session.user ?? '') + (admin.role ?? '')
  })
