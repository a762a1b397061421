import { expect, test } from 'vitest'
import { sessions } from '../../../src/fetch.ts'
import { MisuseError } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'

const served = () => sessions({ store: memoryStore() })
const request = () => new Request('https://shop.example/')
const ok = () => new Response('ok')

const INVALID = { name: 'TypeError', code: 'UNTORN_INVALID_ARGUMENT' }

test.each([
  ['nothing', undefined],
  ['a URL', 'https://shop.example/'],
  ['a request of node:http', { headers: { cookie: '' }, url: '/' }],
  ['a context that has the request in it', { req: request() }],
])('a request that is none is refused: %s', async (_name, given) => {
  const app = served()
  const wrong = given as unknown as Request
  await expect(app.open(wrong)).rejects.toMatchObject(INVALID)
  await expect(app.handle(wrong, ok)).rejects.toMatchObject(INVALID)
})

test('a handler that is none is refused, before anything is loaded', async () => {
  const app = served()
  for (const wrong of [undefined, ok(), { fetch: ok }]) {
    const error = await app
      .handle(request(), wrong as unknown as typeof ok)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ ...INVALID, message: expect.stringContaining('handler') })
  }
})

test('`sessions` that was passed on without being called says how it is called', () => {
  const fetch = sessions as unknown as (given: unknown) => unknown
  expect(() => fetch(request())).toThrow(MisuseError)
  expect(() => fetch(request())).toThrow('app.handle(request, handler)')
  expect(() => fetch(ok)).toThrow(MisuseError)
})

test.each([
  ['nothing', undefined, 'nothing'],
  ['a text', 'ok', 'something else'],
  ['a response that is in a promise in an object', { response: ok() }, 'something else'],
])(
  'a handler that returns no response is told so, and what it changed of a session is kept: %s',
  async (_name, given, said) => {
    const app = served()
    const first = await app.handle(request(), (session) => {
      session.name = 'Ada'
      return ok()
    })
    const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!
    const again = new Request('https://shop.example/', { headers: { cookie } })
    const answering = app.handle(again, (session) => {
      session.views = 1
      return given as unknown as Response
    })
    await expect(answering).rejects.toMatchObject({
      code: 'UNTORN_MISUSE',
      message: expect.stringContaining(said),
    })
    expect((await app.sessions.open(cookie)).get('views')).toBe(1)
  },
)

test('headers that are none are refused, and what was changed is saved by the next commit', async () => {
  const app = served()
  const { session, commit, due } = await app.open(request())
  session.name = 'Ada'
  for (const wrong of ['sid=1', 7, [['only a name']]]) {
    await expect(commit(wrong as unknown as Headers)).rejects.toMatchObject(INVALID)
    expect(() => due(wrong as unknown as Headers)).toThrow(expect.objectContaining(INVALID))
  }
  expect((await commit()).getSetCookie()).toHaveLength(1)
})

test('options that belong to another host are refused', () => {
  expect(() => sessions({ store: memoryStore(), as: 'admin' } as object)).toThrow(
    expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' }),
  )
  expect(() => sessions({ store: memoryStore(), trustProxy: 1 } as object)).toThrow(
    expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' }),
  )
})
