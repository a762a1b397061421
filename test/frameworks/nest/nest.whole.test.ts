import { NestFactory } from '@nestjs/core'
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sessions as forExpress } from '../../../src/express.ts'
import { sessions as forFastify } from '../../../src/fastify.ts'
import { fileStore } from '../../../src/file.ts'
import { createSessions, type SessionStore, type Sessions } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { gate } from '../../../src/testing/adapter/gate.ts'
import { readSession } from '../../../src/testing.ts'
import { breakable } from '../../adapters/support/stores.ts'
import { Visitor } from '../../adapters/support/visitor.ts'
import { aWhile } from '../../support/a-while.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { ShopModule, shopSessions } from './application.ts'

const quiet = { logger: false } as const

/** How sessions are mounted on each platform. */
const platforms = {
  async Express(sessions: Sessions, database?: () => Promise<void>) {
    const app = await NestFactory.create<NestExpressApplication>(
      ShopModule.with(sessions as never, database),
      new ExpressAdapter(),
      quiet,
    )
    app.use(forExpress({ sessions }))
    return app
  },
  async Fastify(sessions: Sessions, database?: () => Promise<void>) {
    const app = await NestFactory.create<NestFastifyApplication>(
      ShopModule.with(sessions as never, database),
      new FastifyAdapter(),
      quiet,
    )
    await app.register(forFastify({ sessions }))
    return app
  },
}

describe.each(Object.entries(platforms))('NestJS over %s', (platform, create) => {
  async function shop({
    store = memoryStore() as SessionStore,
    database,
  }: {
    store?: SessionStore
    database?: () => Promise<void>
  } = {}) {
    const told: string[] = []
    const sessions = shopSessions({ store, onEvent: ({ type }) => void told.push(type) })
    const app = await create(sessions as never, database)
    await app.listen(0, '127.0.0.1')
    onTestFinished(() => app.close())
    const port = Number(new URL(await app.getUrl()).port)
    const visitor = new Visitor(port)
    const post = (path: string, body: object = {}) =>
      visitor.get(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    return { app, sessions, told, visitor, post, port }
  }

  test('@Session() is the session: a sign-in gives another id, and keeps the cart', async () => {
    const { visitor, post } = await shop()
    await post('/add', { item: 'a book' })
    const before = visitor.cookies.get('sid')
    expect(await post('/login', { name: 'anna' })).toMatchObject({ status: 201 })
    expect(visitor.cookies.get('sid')).not.toBe(before)
    expect(await visitor.json('/')).toEqual({ user: 'anna', cart: ['a book'], owner: 'anna' })
  })

  test('a guard lets in who is signed in, and an interceptor changes the session behind the handler', async () => {
    const { visitor, post } = await shop()
    expect(await visitor.get('/account')).toMatchObject({ status: 403 })
    await post('/login', { name: 'anna' })
    expect(await visitor.json('/account')).toEqual({ account: 'anna' })
    expect(await visitor.json('/')).toMatchObject({ last: '/account' })
    await post('/logout')
    expect(await visitor.get('/account')).toMatchObject({ status: 403 })
  })

  test('an HttpException keeps the cookie and what was changed', async () => {
    const { visitor } = await shop()
    expect(await visitor.get('/forbidden')).toMatchObject({ status: 403 })
    expect(await visitor.json('/')).toMatchObject({ cart: ['a book'] })
  })

  test('an exception filter changes the session, and its answer has the cookie', async () => {
    const { visitor } = await shop()
    const { status, text } = await visitor.get('/filtered')
    expect([status, JSON.parse(text)]).toEqual([403, { filtered: 'not here' }])
    expect(await visitor.json('/')).toMatchObject({ failed: 'not here' })
  })

  test('@Sse() answers past Fastify: values are saved, and a sign-in is told as lost', async () => {
    const { visitor, post, told } = await shop()
    expect((await visitor.get('/signs-in')).setCookies).toHaveLength(platform === 'Fastify' ? 0 : 1)
    expect(told).toEqual(platform === 'Fastify' ? ['signed-in', 'late-change'] : ['signed-in'])
    await post('/login', { name: 'anna' })
    expect((await visitor.get('/notes')).text).toContain('data: noted')
    await expect.poll(() => visitor.json('/')).toMatchObject({ owner: 'anna', last: 'notes' })
  })

  test('what is injected is the same sessions', async () => {
    const { visitor, post, port } = await shop()
    await post('/login', { name: 'anna' })
    await new Visitor(port).get('/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'anna' }),
    })
    expect(await visitor.json('/devices')).toEqual({ devices: 2 })
  })

  test('fifty overlapping requests lose nothing', async () => {
    const { visitor, post } = await shop()
    await post('/add', { item: 'first' })
    await Promise.all(Array.from({ length: 50 }, (_, n) => post('/add', { item: `item ${n}` })))
    const { cart } = (await visitor.json('/')) as { cart: string[] }
    expect(cart).toHaveLength(51)
  })

  test('a store that can not save is an error with its cookie due', async () => {
    const { store, broken } = breakable()
    const { visitor, post } = await shop({ store })
    await post('/add', { item: 'a book' })
    broken.add('save')
    expect((await post('/add', { item: 'a lamp' })).status).toBeGreaterThanOrEqual(500)
    broken.clear()
    expect(await visitor.json('/')).toMatchObject({ cart: ['a book'] })
  })

  test('the store is closed with the application, behind the request that is under way', async () => {
    const [asked, answered] = [gate(), gate()]
    const database = () => {
      asked.open()
      return answered.opened
    }
    const directory = temporaryDirectory()
    const { app, sessions, visitor, post } = await shop({ store: fileStore(directory), database })
    await post('/add', { item: 'a book' })
    const ordering = post('/order')
    await asked.opened
    const closing = app.close()
    await aWhile()
    answered.open()
    expect(await ordering).toMatchObject({ status: 201 })
    await closing
    await expect(async () => sessions.count()).rejects.toThrow()
    const again = createSessions({ store: fileStore(directory) })
    expect(await readSession(again, visitor.cookie)).toEqual({ cart: ['ordered'] })
    await again.close()
  })
})
