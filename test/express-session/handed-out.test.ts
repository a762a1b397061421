import { AsyncResource } from 'node:async_hooks'
import { once } from 'node:events'
import http from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { untornStore } from '../../src/express-session.ts'
import { memoryStore } from '../../src/memory.ts'
import { pace } from '../adapters/support/stores.ts'

/** The values of a session, and its cookie, as middlewares hand them over that make objects of their own. */
type Kept = Record<string, unknown>

/** A store of express-session's, as a middleware that hands over another object than it was given. */
function opened(paced: (store: ReturnType<typeof memoryStore>) => unknown) {
  const store = untornStore(paced(memoryStore()) as ReturnType<typeof memoryStore>)
  const get = promisify(store.get.bind(store)) as unknown as (sid: string) => Promise<Kept | null>
  const set = promisify(store.set.bind(store)) as unknown as (sid: string, session: Kept) => Promise<void>
  return { get, set, end: promisify(store.destroy.bind(store)) as (sid: string) => Promise<void> }
}

const cookie = { originalMaxAge: null, expires: null }

describe.each(Object.entries(pace))(
  'requests that hand over objects of their own, over %s',
  (_name, paced) => {
    test("keep each other's changes where they overlap", async () => {
      const { get, set } = opened(paced)
      await set('one', { cookie, user: 'anna' })
      const slow = { goesOn: () => {} }
      const waits = new Promise<void>((resolve) => {
        slow.goesOn = resolve
      })
      // Neither is followed by the other, as requests are not.
      const changes = async (change: Kept, wait?: Promise<void>) => {
        const found = await get('one')
        await wait
        await set('one', { ...found, ...change })
      }
      const slowly = changes({ note: 'slow' }, waits)
      await changes({ cart: 'a book' })
      slow.goesOn()
      await slowly
      expect(await get('one')).toEqual({
        cookie: expect.anything(),
        user: 'anna',
        note: 'slow',
        cart: 'a book',
      })
    })

    test('save nothing of a session that was ended meanwhile', async () => {
      const { get, set, end } = opened(paced)
      await set('one', { cookie, user: 'anna' })
      const found = await get('one')
      await end('one')
      await set('one', { ...found, note: 'slow' })
      expect(await get('one')).toBe(null)
    })

    test('begin a session anew under an id that was ended, where they have seen that it is none', async () => {
      const { get, set, end } = opened(paced)
      await set('one', { cookie, user: 'anna' })
      const late = await get('one')
      const afterwards = async () => {
        await end('one')
        expect(await get('one')).toBe(null)
        await set('one', { cookie, cart: 'a book' })
      }
      const separately = new AsyncResource('a request')
      await separately.runInAsyncScope(afterwards)
      expect(await get('one')).toEqual({ cookie: expect.anything(), cart: 'a book' })
      expect(late).toMatchObject({ user: 'anna' })
    })

    test('are told apart on one connection', async () => {
      const { get, set } = opened(paced)
      await set('one', { cookie, user: 'anna' })
      const second = { done: () => {} }
      const secondIsDone = new Promise<void>((resolve) => {
        second.done = resolve
      })
      const server = http.createServer(async (req, res) => {
        const found = await get('one')
        if (req.url === '/slow') await secondIsDone
        await set('one', { ...found, [req.url!.slice(1)]: true })
        second.done()
        res.end()
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      onTestFinished(() => void server.close())
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      const asking = (path: string, also = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${also}\r\n`
      socket.write(asking('/slow') + asking('/quick', 'Connection: close\r\n'))
      await text(socket)
      expect(await get('one')).toMatchObject({ user: 'anna', slow: true, quick: true })
    })
  },
)
