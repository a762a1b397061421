// What compiles, and what must not; nothing of it is run.
import Router from '@koa/router'
import Koa from 'koa'
import { createSessions } from 'untorn'
import { type PlainSession, type SessionData, sessionOf, sessions } from 'untorn/koa'
import type * as source from '../../../src/koa.ts'

declare module 'untorn/koa' {
  interface SessionData {
    user: string
    views: number
  }
}

interface Admin {
  level: number
}

const session = sessions({ cookie: { name: 'shop' } })
const app = new Koa()
app.use(session)
app.use(sessions<Admin>({ as: 'admin', cookie: { name: 'admin' } }))
app.use(sessions({ sessions: createSessions() }))
export const stored: Promise<number> = Promise.resolve(session.sessions.count())

app.use(async (ctx, next) => {
  const views: number | undefined = ctx.session.views
  ctx.session.user = ctx.path
  await ctx.session.login(ctx.path, { keep: ['views'] })
  // @ts-expect-error: a number
  ctx.session.views = 'many'
  // @ts-expect-error: not declared
  ctx.session.veiws = 1
  // @ts-expect-error: a session is not assigned
  ctx.session = null
  // @ts-expect-error: no such value
  await ctx.session.login('Ada', { keep: ['vieuws'] })
  const level: number | undefined = sessionOf<Admin>(ctx, 'admin').level
  // @ts-expect-error: of the other one
  sessionOf<Admin>(ctx, 'admin').user = 'Ada'
  ctx.body = { views, level }
  await next()
})

const router = new Router<Koa.DefaultState, { device: string }>()
router.get('/items/:name', (ctx) => {
  const user: string | undefined = ctx.session.user
  ctx.body = { user, name: ctx.params.name, device: ctx.device }
})
router.use(session)
app.use(router.routes() as Koa.Middleware)
app.on('error', (_error, ctx: Koa.Context) => ctx.session.user)
export const plain = (from: PlainSession<SessionData>): number | undefined => from.views

// @ts-expect-error: the application's own setting says it
sessions({ trustProxy: true })
// @ts-expect-error: a name is a text
sessions({ as: Symbol('session') })
// @ts-expect-error: a store
sessions({ store: './sessions' })

// What is written by hand says what the source does.
type Entry = typeof import('untorn/koa')
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
