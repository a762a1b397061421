import type { IncomingMessage, RequestListener } from 'node:http'
import express, { type RequestHandler } from 'express'
import { expectTypeOf, test } from 'vitest'
import { type DeclaredSession, type PlainSession, sessionOf, sessions } from '../../src/express.ts'
import { createSessions, type SessionEnd } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions as nodeSessions } from '../../src/node.ts'
import './support/session-data.ts'

const store = memoryStore()

test('Express: values are typed by SessionData, and may be absent; unknown ones are errors', () => {
  const handler: RequestHandler = (req) => {
    expectTypeOf(req.session.views).toEqualTypeOf<number | undefined>()
    expectTypeOf(req.session.get('views')).toEqualTypeOf<number | undefined>()
    expectTypeOf(req.session.save).toBeCallableWith()
    expectTypeOf(req.session.save()).toEqualTypeOf<Promise<boolean>>()
    expectTypeOf(req.session.save(() => {})).toEqualTypeOf<void>()
    expectTypeOf(req.sessionID).toEqualTypeOf<string>()
    req.session.save((error: Error | null) => error)
    // @ts-expect-error: no such value
    req.session.colour = 'red'
    // @ts-expect-error: a number
    req.session.views = '1'
    // @ts-expect-error: it is destroyed, not assigned
    req.session = undefined
  }
  express().use(sessions({ store }), handler)
})

test('node:http: values are typed by the type that sessions() is given', () => {
  const session = nodeSessions<{ views: number }>({ store })
  const listener: RequestListener = session((req, res) => {
    expectTypeOf(req).toExtend<IncomingMessage>()
    expectTypeOf(req.session.views).toEqualTypeOf<number | undefined>()
    expectTypeOf(req.session.update('views', (n = 0) => n + 1)).toEqualTypeOf<number>()
    // @ts-expect-error: no such value
    req.session.colour = 'red'
    res.end()
  })
  const awaited: RequestListener = async (req, res) => {
    const { session: values } = await session(req, res)
    expectTypeOf(values.views).toEqualTypeOf<number | undefined>()
  }
  expectTypeOf([listener, awaited]).toExtend<RequestListener[]>()
})

test('a value with the name of a method is no property: `get` and `set` reach it', () => {
  const session = nodeSessions<{
    createdAt: number
    save: boolean
    views: number
    [more: `key${number}`]: string
  }>({
    store,
  })
  session((req) => {
    // @ts-expect-error: it is the session's own
    req.session.createdAt = 1
    // @ts-expect-error: a method
    req.session.save = true
    req.session.key1 = 'one'
    req.session.set('createdAt', 1)
    expectTypeOf(req.session.createdAt).toEqualTypeOf<number>()
    expectTypeOf(req.session.get('save')).toEqualTypeOf<boolean | undefined>()
    expectTypeOf(req.session.save()).toEqualTypeOf<Promise<boolean>>()
    expectTypeOf(req.session.views).toEqualTypeOf<number | undefined>()
  })
})

test('Express: to declare a value with a name of the session itself is an error wherever the session is used', () => {
  expectTypeOf<DeclaredSession<{ views: number }>>().toEqualTypeOf<PlainSession<{ views: number }>>()
  expectTypeOf<DeclaredSession<Record<string, unknown>>>().toEqualTypeOf<
    PlainSession<Record<string, unknown>>
  >()
  type Mistaken = DeclaredSession<{ views: number; once: boolean }>
  expectTypeOf<Mistaken>().toEqualTypeOf<`SessionData declares "once", which is the session's own: call the value something else`>()
  const use = (session: Mistaken) => {
    // @ts-expect-error: nothing is to be had of it
    session.views = 1
  }
  expectTypeOf(use).toBeFunction()
  for (const name of [
    'increment',
    'flashes',
    'expiry',
    'notAfter',
    'begin',
    'entries',
    'changed',
    'onEnd',
  ] as const) {
    expectTypeOf<DeclaredSession<{ [Key in typeof name]: 1 }>>().toExtend<`SessionData declares${string}`>()
  }
})

test('what one request does for all, and lists of messages, have the type of the value', () => {
  const session = nodeSessions<{ token: { access: string }; notice: string; views: number }>({ store })
  session(async (req, res) => {
    const { session } = req
    expectTypeOf(await session.once('token', async () => ({ access: '' }))).toEqualTypeOf<
      { access: string } | undefined
    >()
    // @ts-expect-error: another type
    void session.once('token', () => 1)
    expectTypeOf(await session.flashes('notice')).toEqualTypeOf<string[]>()
    expectTypeOf(session.increment('views')).toEqualTypeOf<number>()
    session.set('notice', 'soon gone', { expiresIn: '10m' })
    session.flash('notice', 'Saved')
    // @ts-expect-error: another type
    session.flash('notice', 1)
    for (const [name, value] of session) {
      expectTypeOf(name).toEqualTypeOf<'token' | 'notice' | 'views'>()
      expectTypeOf(value).toEqualTypeOf<string | number | { access: string }>()
    }
    res.end()
  })
})

test('a listener for the end of a session is told why, where it can be known', () => {
  nodeSessions({ store })(({ session }, res) => {
    expectTypeOf(session.onEnd).parameter(0).parameter(0).toEqualTypeOf<SessionEnd>()
    const stop = session.onEnd(({ why }) => {
      expectTypeOf(why).toEqualTypeOf<'signed-out' | 'rotated' | 'revoked' | 'expired' | undefined>()
    })
    expectTypeOf(stop).toEqualTypeOf<() => void>()
    // @ts-expect-error: no function
    session.onEnd('close')
    res.end()
  })
})

test('Express: sessionOf() gives a session the type that it is said to have, whatever the others have', () => {
  const handler: RequestHandler = (req) => {
    const admin = sessionOf<{ edits: number }>(req, 'admin')
    expectTypeOf(admin.edits).toEqualTypeOf<number | undefined>()
    expectTypeOf(admin.update('edits', (n = 0) => n + 1)).toEqualTypeOf<number>()
    expectTypeOf(admin.save()).toEqualTypeOf<Promise<boolean>>()
    // @ts-expect-error: no such value
    admin.views = 1
    expectTypeOf(sessionOf<{ cart: string[] }>(req).cart).toEqualTypeOf<string[] | undefined>()
  }
  express().use(sessions<{ edits: number }>({ store, as: 'admin', cookie: { name: 'admin' } }), handler)
  // @ts-expect-error: the name of a property
  expectTypeOf(sessions).toBeCallableWith({ as: 5 })
})

test('node:http: a session of another name is typed under it', () => {
  const admins = nodeSessions<{ edits: number }, 'admin'>({ store, as: 'admin', cookie: { name: 'admin' } })
  const listener: RequestListener = admins((req) => {
    expectTypeOf(req.admin.edits).toEqualTypeOf<number | undefined>()
    // @ts-expect-error: that is another session
    expectTypeOf(req.session)
  })
  const awaited: RequestListener = async (req, res) => {
    const { admin } = await admins(req, res)
    expectTypeOf(admin.edits).toEqualTypeOf<number | undefined>()
  }
  nodeSessions({ store, as: 'admin' })((req) => {
    req.admin.anything = 1
  })
  // @ts-expect-error: what the type says is `session`
  expectTypeOf(nodeSessions<{ edits: number }>).toBeCallableWith({ store, as: 'admin' })
  expectTypeOf([listener, awaited]).toExtend<RequestListener[]>()
})

test('without a type any value goes', () => {
  const session = nodeSessions({ store })
  session((req, res) => {
    req.session.anything = [{ goes: req.session.views + 1 }]
    expectTypeOf(req.session.destroy()).toEqualTypeOf<Promise<void>>()
    res.end()
  })
})

test('sessions that are given bring their type along', () => {
  const shared = createSessions<{ cart: string[] }>({ store })
  const session = nodeSessions({ sessions: shared })
  session((req) => expectTypeOf(req.session.cart).toEqualTypeOf<string[] | undefined>())
  sessions({ sessions: shared })
})
