import { expectTypeOf, test } from 'vitest'
import { type FetchSessions, type PlainSession, sessions } from '../../../src/fetch.ts'
import { createSessions } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'

interface Shop {
  views: number
  cart: string[]
}

const store = memoryStore()
const request = new Request('https://shop.example/')

test('values are typed by the type that sessions() is given', async () => {
  const app = sessions<Shop>({ store })
  expectTypeOf(app).toEqualTypeOf<FetchSessions<Shop>>()
  const answering = app.handle(request, (session, same) => {
    expectTypeOf(session).toEqualTypeOf<PlainSession<Shop>>()
    expectTypeOf(session.views).toEqualTypeOf<number | undefined>()
    expectTypeOf(session.update('views', (n = 0) => n + 1)).toEqualTypeOf<number>()
    expectTypeOf(same).toEqualTypeOf<Request>()
    // @ts-expect-error: no such value
    session.colour = 'red'
    // @ts-expect-error: a number
    session.views = '1'
    session.views = 1
    return new Response('ok')
  })
  expectTypeOf(answering).toEqualTypeOf<Promise<Response>>()
  await answering
})

test('without a type values are whatever they are', async () => {
  const app = sessions({ store })
  await app
    .handle(request, (session) => {
      session.anything = { at: 'all' }
      // @ts-expect-error: a method is the session's own
      session.save = true
      return new Response('ok')
    })
    .catch(() => {})
})

test('sessions that there are bring their type along', () => {
  const shop = createSessions<Shop>({ store })
  const app = sessions({ sessions: shop })
  expectTypeOf(app.sessions).toEqualTypeOf(shop)
  // @ts-expect-error: it belongs to createSessions
  const mistaken = () => sessions({ sessions: shop, idleTimeout: '1h' })
  return mistaken
})

test('a handler answers with a response, and a commit takes a response or headers', async () => {
  const app = sessions<Shop>({ store })
  // @ts-expect-error: a text is no response
  await app.handle(request, () => 'ok').catch(() => {})
  // @ts-expect-error: a handler is needed
  await app.handle(request).catch(() => {})
  // @ts-expect-error: a path is no request
  await app.open('/').catch(() => {})
  const { session, commit, due } = await app.open(request)
  expectTypeOf(session.cart).toEqualTypeOf<string[] | undefined>()
  expectTypeOf(commit(new Response())).toEqualTypeOf<Promise<Response>>()
  expectTypeOf(commit()).toEqualTypeOf<Promise<Headers>>()
  expectTypeOf(commit(new Headers())).toEqualTypeOf<Promise<Headers>>()
  expectTypeOf(commit({ vary: 'Accept' })).toEqualTypeOf<Promise<Headers>>()
  expectTypeOf(due([['vary', 'Accept']])).toEqualTypeOf<Headers>()
  // @ts-expect-error: a number is neither
  await commit(404).catch(() => {})
})
