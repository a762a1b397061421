import { on, once } from 'node:events'
import https from 'node:https'
import { createRequire } from 'node:module'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Browser } from './browser.ts'
import { listen, serverFor } from './serve.ts'
import { onEach } from './sites.ts'
import { connect } from './talk.ts'

/** What is used of a client of Socket.IO. */
interface Socket extends NodeJS.EventEmitter {
  io: { engine: NodeJS.EventEmitter & { transport: { name: string } } }
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown>
  close(): void
}
interface Io extends NodeJS.EventEmitter {
  close(): Promise<void>
}

await onEach<Io>('Socket.IO', 'socket.io.js', ({ make, tears }) => {
  const schemes = ['http', 'https'] as const
  const byPolling = { transport: 'polling', transports: ['polling'] }
  const byWebSocket = { transport: 'WebSocket', transports: ['websocket'] }
  const fromOneToTheOther = { transport: 'polling, then WebSocket', transports: ['polling', 'websocket'] }
  const ways = [
    ...schemes.flatMap((scheme) => [byPolling, byWebSocket].map((way) => ({ scheme, ...way }))),
    { scheme: 'http' as const, ...fromOneToTheOther },
  ]

  describe.each(schemes)(
    'over %s: a visitor whose first request is a socket has a session, and its cookie',
    (scheme) => {
      async function opened() {
        const server = serverFor(undefined, scheme)
        const address = await listen(server)
        const { app: io } = await make({ server, options: { saveUninitialized: true } })
        onTestFinished(() => io.close())
        return new Browser(address)
      }

      test('by polling', async () => {
        const browser = await opened()
        const { body, sets } = await browser.get('/socket.io/?EIO=4&transport=polling')
        expect(sets).toEqual(['connect.sid'])
        const { sid } = JSON.parse((body as string).slice(1))
        const path = `/socket.io/?EIO=4&transport=polling&sid=${sid}`
        await browser.post(path, { text: '40' })
        await browser.get(path)
        await browser.post(path, { text: '420["count"]' })
        expect(await browser.sees(path)).toBe('430[{"count":1,"over":false}]')
        expect(await browser.sees('/')).toEqual({ count: 1 })
      })

      test('by WebSocket', async () => {
        const browser = await opened()
        const socket = connect(browser, '/socket.io/?EIO=4&transport=websocket')
        const said = on(socket, 'message')
        const hears = async () => String((await said.next()).value[0])
        const [response] = await once(socket, 'upgrade')
        expect(browser.keep(response.headers['set-cookie'])).toEqual(['connect.sid'])
        expect(await hears()).toMatch(/^0/)
        socket.send('40')
        expect(await hears()).toMatch(/^40/)
        socket.send('420["count"]')
        expect(await hears()).toBe('430[{"count":1,"over":false}]')
        expect(await browser.sees('/')).toEqual({ count: 1 })
      })
    },
  )

  describe.each(ways)('over $scheme by $transport', ({ scheme, transports }) => {
    async function opened() {
      const server = serverFor(undefined, scheme)
      const address = await listen(server)
      const { app: io, gate } = await make({ server })
      onTestFinished(() => io.close())
      return { browser: new Browser(address), gate }
    }

    async function connected(browser: Browser): Promise<Socket> {
      const { io } = createRequire(import.meta.url)('socket.io-client')
      const { url, tls } = browser.address
      const socket: Socket = io(url, {
        transports,
        forceNew: true,
        reconnection: false,
        extraHeaders: { cookie: browser.cookie },
        ...(tls && { agent: new https.Agent(tls) }),
      })
      onTestFinished(() => void socket.close())
      await Promise.race([
        once(socket, 'connect'),
        once(socket, 'connect_error').then(([error]) => Promise.reject(error)),
      ])
      const { engine } = socket.io
      // It begins with the first, and goes over to the second.
      if (engine.transport.name !== transports.at(-1)) await once(engine, 'upgrade')
      expect(engine.transport.name).toBe(transports.at(-1))
      return socket
    }

    async function signedIn() {
      const site = await opened()
      await site.browser.post('/login')
      return { ...site, socket: await connected(site.browser) }
    }

    test('a socket knows who has signed in, and one without the cookie does not', async () => {
      const { browser, socket } = await signedIn()
      expect(await socket.emitWithAck('at the start')).toEqual({ user: 'anna' })
      const stranger = browser.twin()
      stranger.cookies.clear()
      expect(await (await connected(stranger)).emitWithAck('at the start')).toEqual({ user: null })
    })

    test('a socket saves what a page sees, and sees what a page has saved', async () => {
      const { browser, socket } = await signedIn()
      await browser.post('/note')
      expect(await socket.emitWithAck('add', 'a book')).toEqual({ over: false })
      expect(await browser.sees('/')).toEqual({ user: 'anna', note: 'from a page', cart: 'a book' })
    })

    test('a socket is told of a sign-out, and knows nobody afterwards', async () => {
      const { browser, socket } = await signedIn()
      const told = once(socket, 'signed out')
      await browser.post('/logout')
      await told
      expect(await socket.emitWithAck('user')).toEqual({ over: true })
      expect(await socket.emitWithAck('add', 'a book')).toEqual({ over: true })
      expect(await browser.sees('/')).toEqual({})
    })

    test('a page that saves while a socket is slow', async () => {
      const { browser, socket, gate } = await signedIn()
      await gate.hold(socket.emitWithAck('add slowly', 'a book'), () => browser.post('/note'))
      const note = tears ? {} : { note: 'from a page' }
      expect(await browser.sees('/')).toEqual({ user: 'anna', cart: 'a book', ...note })
    })

    test('a sign-out while a socket is slow', async () => {
      const { browser, socket, gate } = await signedIn()
      const old = browser.twin()
      await gate.hold(socket.emitWithAck('add slowly', 'a book'), () => browser.post('/logout'))
      expect(await old.sees('/')).toEqual(tears ? { user: 'anna', cart: 'a book' } : {})
    })
  })
})
