// Uses that have to compile, and wrong ones that must not.
import { Elysia, t } from 'elysia'
import { createSessions } from 'untorn'
import { type PlainSession, sessions, type WithSession } from 'untorn/elysia'

interface Data {
  views: number
  user: string
}

const app = new Elysia()
  .use(sessions<Data>())
  .onError(({ session, code }) => {
    // Not every error is one of a request that was matched.
    if (code === 'VALIDATION' && session) session.user = 'nobody'
  })
  .onBeforeHandle(({ session }) => (session.user === undefined ? 'sign in' : undefined))
  .derive(({ session }) => ({ name: session.user }))
  .get('/', ({ session, name }) => {
    session.views = (session.views ?? 0) + 1
    // @ts-expect-error: a number
    session.views = 'three'
    return { views: session.views, name }
  })
  .post('/', ({ session, body }) => session.user ?? body.name, { body: t.Object({ name: t.String() }) })
  .group('/group', (group) => group.get('/', ({ session }) => session.user ?? ''))
export type App = typeof app

new Elysia().get('/', (c) => {
  // @ts-expect-error: it is used nowhere
  c.session
})

// Local, as any plugin's hooks; lifted by Elysia's own `as`.
const local = new Elysia({ name: 'auth' }).use(sessions<Data>())
new Elysia().use(local).get('/', (c) => {
  // @ts-expect-error: it is local to the other one
  c.session
})
new Elysia().use(local.as('scoped')).get('/', ({ session }) => session.user ?? '')
new Elysia().use(local.as('global')).get('/', ({ session }) => session.user ?? '')

// A second one beside it.
new Elysia()
  .use(sessions<Data>())
  .use(sessions<{ role: string }, 'admin'>({ as: 'admin', cookie: { name: 'admin' } }))
  .get('/', ({ session, admin }) => {
    // @ts-expect-error: of the other one
    admin.user
    return `${session.user} ${admin.role}`
  })
// @ts-expect-error: its name is not the one that its type says
sessions<Data, 'admin'>({ as: 'user' })

// What is shared with others.
const shared = createSessions<Data>()
new Elysia().use(sessions({ sessions: shared })).get('/', ({ session }) => userOf({ session }))
const userOf = ({ session }: WithSession<Data>): string => session.user ?? ''
export const plain = (given: PlainSession<Data>) => given.user
// @ts-expect-error: there is no such option
sessions({ sessoins: shared })
