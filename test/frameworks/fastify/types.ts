// What compiles, and what must not; nothing of it is run.
import fastify from 'fastify'
import { createSessions } from 'untorn'
import { type PlainSession, type SessionData, sessionOf, sessions } from 'untorn/fastify'
import type * as source from '../../../src/fastify.ts'

declare module 'untorn/fastify' {
  interface SessionData {
    user: string
    views: number
  }
}

interface Admin {
  level: number
}

const session = sessions({ cookie: { name: 'shop' } })
const app = fastify({ trustProxy: true })
app.register(session)
app.register(sessions<Admin>({ as: 'admin', cookie: { name: 'admin' } }))
app.register(sessions({ sessions: createSessions() }))
app.addHook('onClose', () => session.close())
export const stored: Promise<number> = Promise.resolve(session.sessions.count())

app.get<{ Params: { name: string } }>('/:name', async (request, reply) => {
  const views: number | undefined = request.session.views
  request.session.user = request.params.name
  await request.session.login(request.params.name, { keep: ['views'] })
  // @ts-expect-error: a number
  request.session.views = 'many'
  // @ts-expect-error: not declared
  request.session.veiws = 1
  // @ts-expect-error: a session is not assigned
  request.session = { views: 1 }
  // @ts-expect-error: no such value
  await request.session.login('Ada', { keep: ['vieuws'] })
  const level: number | undefined = sessionOf<Admin>(request, 'admin').level
  // @ts-expect-error: of the other one
  sessionOf<Admin>(request, 'admin').user = 'Ada'
  return reply.send({ views, level })
})
app.setErrorHandler((_error, request) => request.session.user)
app.setNotFoundHandler((request) => request.session.user)
export const plain = (request: PlainSession<SessionData>): number | undefined => request.views

// @ts-expect-error: the server's own setting says it
sessions({ trustProxy: true })
// @ts-expect-error: a name is a text
sessions({ as: Symbol('session') })
// @ts-expect-error: a store
sessions({ store: './sessions' })

// What is written by hand says what the source does.
type Entry = typeof import('untorn/fastify')
type Source = typeof source
const theSame: [keyof Entry, ReturnType<Entry['sessions']>] = [
  'sessions',
  {} as ReturnType<Source['sessions']>,
]
const theOtherWay: [keyof Source, ReturnType<Source['sessionOf']>] = [
  'sessionOf',
  {} as ReturnType<Entry['sessionOf']>,
]
const names: Record<keyof Entry, true> = { sessions: true, sessionOf: true } satisfies Record<
  keyof Source,
  true
>
export const compared = [theSame, theOtherWay, names]
