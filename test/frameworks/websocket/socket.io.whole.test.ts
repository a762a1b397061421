import { once } from 'node:events'
import https from 'node:https'
import { type DefaultEventsMap, Server } from 'socket.io'
import { io as connect, type Socket } from 'socket.io-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { sessions as expressSessions } from '../../../src/express.ts'
import { fileStore } from '../../../src/file.ts'
import { createSessions } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { sessions as nodeSessions } from '../../../src/node.ts'
import { failingStore } from '../../../src/testing.ts'
import { type SocketData, sessions as socketSessions } from '../../../src/websocket.ts'
import { startChild } from '../../support/child.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { type Browser, clientTls, type SiteOptions, site, type Values } from './site.ts'

type Any = DefaultEventsMap

/** A site whose sockets are of Socket.IO; `before` may set it up as an application of today has it. */
async function withSockets(
  options: SiteOptions = {},
  before: (io: Server, shop: Awaited<ReturnType<typeof site>>) => void = () => {},
) {
  const shop = await site(options)
  const io = new Server<Any, Any, Any, SocketData<Values>>(shop.server)
  onTestFinished(() => io.close())
  before(io as unknown as Server, shop)
  for (const namespace of [io, io.of('/other')]) {
    namespace.use(shop.live.socketIo())
    namespace.on('connection', (socket) => {
      const { session } = socket.data
      socket.on('at the start', (answer) => answer({ ...session.session }))
      socket.on('values', (answer) => session.handle((now) => answer({ ...now })))
      socket.on('note', async (answer) => {
        await session.handle((now) => now.set('note', 'from a socket'))
        answer('noted')
      })
      socket.on('count', (answer) => session.handle((now) => answer(now.increment('count'))))
      socket.on('begin', (answer) => {
        session.handle((now) => now.set('user', 'eve')).catch(({ code }) => answer(code))
      })
    })
  }
  return { ...shop, io }
}

const ways = {
  'by polling': ['polling'],
  'by WebSocket': ['websocket'],
  'by polling, then WebSocket': ['polling', 'websocket'],
}

function socketOf(
  browser: Browser,
  transports = ['websocket'],
  headers: Record<string, string> = {},
  path = '/',
): Socket {
  const socket = connect(browser.url + path, {
    transports,
    forceNew: true,
    reconnection: false,
    extraHeaders: { cookie: browser.cookie, ...headers },
    ...(browser.scheme === 'https' && { agent: new https.Agent(clientTls) as never }),
  })
  onTestFinished(() => void socket.close())
  return socket
}

async function connected(...args: Parameters<typeof socketOf>): Promise<Socket> {
  const socket = socketOf(...args)
  const failed = new Promise<never>((_, reject) => socket.once('connect_error', reject))
  await Promise.race([new Promise<void>((done) => socket.once('connect', done)), failed])
  return socket
}

/** What a client is told of the end. */
async function endOf(socket: Socket): Promise<unknown> {
  const [ended, disconnected] = [heard(socket, 'session-ended'), heard(socket, 'disconnect')]
  return [await ended, await disconnected]
}

const heard = (socket: Socket, event: string) =>
  new Promise<unknown>((resolve) => socket.once(event, (what: unknown) => resolve(what)))

const places = (['http', 'https'] as const).flatMap((scheme) =>
  Object.entries(ways).map(([way, transports]) => ({ scheme, way, transports })),
)

describe.each(places)('Socket.IO on $scheme $way', ({ scheme, transports }) => {
  const pages = transports.length === 2 ? 'express' : 'node'

  test('a socket has the session of its visitor, and each event sees what pages have stored since', async () => {
    const { browser } = await withSockets({ scheme, pages })
    await browser.get('/login')
    expect(browser.cookie).toMatch(scheme === 'https' ? /^__Host-sid=/ : /^sid=/)
    const socket = await connected(browser, transports)
    expect(await socket.emitWithAck('at the start')).toEqual({ user: 'ada' })
    await browser.get('/note')
    expect(await socket.emitWithAck('values')).toEqual({ user: 'ada', note: 'from a page' })
    expect(await socket.emitWithAck('at the start')).toEqual({ user: 'ada' })
    await socket.emitWithAck('note')
    expect(await browser.get('/')).toEqual({ user: 'ada', note: 'from a socket' })
  })

  test('a sign-out and a new id disconnect it, and say why', async () => {
    const { browser } = await withSockets({ scheme, pages })
    await browser.get('/login')
    for (const [path, why] of [
      ['/rotate', 'rotated'],
      ['/logout', 'signed-out'],
    ] as const) {
      const ended = endOf(await connected(browser, transports))
      await browser.get(path)
      expect(await ended).toEqual([{ why }, expect.stringMatching(/io server disconnect|transport/)])
    }
  })

  test('a visitor without one is anonymous, and nothing is stored', async () => {
    const { browser, shared } = await withSockets({ scheme, pages })
    const socket = await connected(browser, transports)
    expect(await socket.emitWithAck('values')).toEqual({})
    expect(await socket.emitWithAck('begin')).toBe('UNTORN_MISUSE')
    expect(await shared.count()).toBe(0)
  })

  test('a page of another site is refused, and is told no more than that', async () => {
    const { browser } = await withSockets({ scheme, pages })
    await browser.get('/login')
    const refused = connected(browser, transports, { origin: 'https://evil.example' })
    await expect(refused).rejects.toMatchObject({
      message: 'Forbidden',
      data: { code: 'UNTORN_FOREIGN_ORIGIN', status: 403 },
    })
    await connected(browser, transports, { origin: browser.url })
  })
})

test('fifty events at once count to fifty', async () => {
  const { browser } = await withSockets({ store: fileStore(temporaryDirectory()) })
  await browser.get('/login')
  const socket = await connected(browser)
  await Promise.all(Array.from({ length: 50 }, () => socket.emitWithAck('count')))
  await expect.poll(async () => (await browser.get('/')).count).toBe(50)
})

test('a session that another process ends', async () => {
  const folder = temporaryDirectory()
  const { browser } = await withSockets({ store: fileStore(folder) })
  await browser.get('/login')
  const ended = endOf(await connected(browser))
  await startChild(new URL('sign-out.ts', import.meta.url), folder, browser.cookie).ended()
  expect(await ended).toMatchObject([{ why: 'signed-out' }, {}])
})

test('an event finds that it has been ended elsewhere: it is not handled, and the socket is disconnected', async () => {
  const { browser, store } = await withSockets()
  await browser.get('/login')
  const socket = await connected(browser)
  await createSessions({ store }).revokeAll('ada')
  const ended = endOf(socket)
  expect(
    await socket
      .timeout(500)
      .emitWithAck('values')
      .catch(() => 'not answered'),
  ).toBe('not answered')
  expect(await ended).toMatchObject([{ why: 'revoked' }, {}])
})

test('a namespace beside it has the same session, and ends with it', async () => {
  const { browser } = await withSockets()
  await browser.get('/login')
  const [first, second] = [await connected(browser), await connected(browser, ['websocket'], {}, '/other')]
  expect(await second.emitWithAck('values')).toEqual({ user: 'ada' })
  const ended = [endOf(first), endOf(second)]
  await browser.get('/logout')
  expect(await Promise.all(ended)).toMatchObject(Array(2).fill([{ why: 'signed-out' }, {}]))
})

test('a store that fails is a `connect_error` without a word of where it is', async () => {
  const store = failingStore(memoryStore())
  const { browser, events } = await withSockets({ store })
  await browser.get('/login')
  store.fail('load', { times: 1, error: new Error('ECONNREFUSED 10.0.0.1') })
  await expect(connected(browser)).rejects.toMatchObject({
    message: 'Internal Server Error',
    data: { status: 500 },
  })
  store.fail('load', { times: 1 })
  await expect(connected(browser)).rejects.toMatchObject({
    message: 'Service Unavailable',
    data: { code: 'UNTORN_STORE_UNAVAILABLE', status: 503 },
  })
  expect(events.filter(({ type }) => type === 'error')).toHaveLength(2)
  expect(await (await connected(browser)).emitWithAck('values')).toEqual({ user: 'ada' })
})

describe.each(['node', 'express'] as const)('beside `io.engine.use(sessions())` of untorn/%s', (pages) => {
  test.each(Object.entries(ways))('%s they have one session', async (_, transports) => {
    const seen: unknown[] = []
    const { browser, shared } = await withSockets({ pages }, (io, shop) => {
      const { shared } = shop
      const make = {
        node: () => nodeSessions<Values>({ sessions: shared, trustProxy: true }),
        // Express, which would know of the proxy, has no part in these requests.
        express: () => expressSessions<Values>({ sessions: shared }),
      }
      io.engine.use(make[pages]() as never)
      io.on('connection', ({ request }) => seen.push({ ...(request as { session?: object }).session }))
    })
    const proxied = { 'x-forwarded-proto': 'https' }
    await browser.get('/login', proxied)
    expect(browser.cookie).toMatch(/^__Host-sid=/)
    const socket = await connected(browser, transports, proxied)
    expect(await socket.emitWithAck('values')).toEqual({ user: 'ada' })
    expect(seen).toEqual([{ user: 'ada' }])
    const ended = endOf(socket)
    await shared.revokeAll('ada')
    expect(await ended).toMatchObject([{ why: 'revoked' }, {}])
  })
})

test('behind a proxy that ends TLS: its cookie is found, whether the proxy is trusted or not', async () => {
  for (const trustProxy of [true, false]) {
    for (const transports of Object.values(ways)) {
      const { browser } = await withSockets({ live: { trustProxy } })
      await browser.get('/login', { 'x-forwarded-proto': 'https' })
      expect(browser.cookie).toMatch(/^__Host-sid=/)
      const socket = await connected(browser, transports, { 'x-forwarded-proto': 'https' })
      expect(await socket.emitWithAck('values')).toEqual({ user: 'ada' })
    }
  }
})

test('sockets that were open for a while, and those that never came to be, leave nothing behind', async () => {
  const { browser, shared, io } = await withSockets()
  await browser.get('/login')
  const session = await shared.open(browser.cookie, { secure: false })
  const subscriptions = watched(() => session.onEnd(() => {}))
  for (let round = 0; round < 3; round++) {
    const sockets = await Promise.all(
      Array.from({ length: 20 }, (_, n) => connected(browser, Object.values(ways)[n % 3])),
    )
    expect(subscriptions.size).toBe(21)
    for (const [n, socket] of sockets.entries()) n % 2 === 0 ? socket.disconnect() : socket.io.engine.close()
    await expect.poll(() => io.engine.clientsCount).toBe(0)
    expect(subscriptions.size).toBe(1)
  }
  // One of two over a connection that stays.
  const first = await connected(browser)
  const second = first.io.socket('/other')
  await heard(second, 'connect')
  // It ends as one.
  expect(subscriptions.size).toBe(2)
  second.disconnect()
  await expect.poll(() => io.of('/other').sockets.size).toBe(0)
  expect(subscriptions.size).toBe(2)
  first.disconnect()
  await expect.poll(() => subscriptions.size).toBe(1)
  // Gone while its middleware was still at work: Socket.IO itself says nothing of such a socket.
  io.use((socket, next) => {
    socket.conn.close()
    next()
  })
  const lost = socketOf(browser)
  await heard(lost, 'disconnect')
  await expect.poll(() => subscriptions.size).toBe(1)
})

test('a client that is refused by another middleware again and again leaves nothing behind, and still has an end', async () => {
  const { browser, shared, io } = await withSockets()
  const nobody = io.of('/nobody')
  const live = socketSessions<Values>({ sessions: shared })
  nobody.use(live.socketIo())
  nobody.use((_, next) => next(new Error('nobody')))
  await browser.get('/login')
  const session = await shared.open(browser.cookie, { secure: false })
  const subscriptions = watched(() => session.onEnd(() => {}))
  const first = await connected(browser)
  const [{ conn } = expect.fail('none')] = io.sockets.sockets.values()
  const refused = first.io.socket('/nobody', {})
  await heard(refused, 'connect_error')
  const [listeners, { size }] = [conn.listeners('close').length, subscriptions]
  for (let n = 0; n < 20; n++) {
    refused.connect()
    await heard(refused, 'connect_error')
  }
  expect([conn.listeners('close').length, subscriptions.size]).toEqual([listeners, size])
  const ended = endOf(first)
  await browser.get('/logout')
  expect(await ended).toMatchObject([{ why: 'signed-out' }, {}])
})

test('a session that ends while a later middleware is at work lets nobody in', async () => {
  let goOn = (): void => {}
  const { browser, io, shared } = await withSockets()
  const slow = io.of('/slow')
  const asked = new Promise<void>((resolve) => {
    slow.use(socketSessions<Values>({ sessions: shared }).socketIo())
    slow.use((_, next) => {
      goOn = next
      resolve()
    })
  })
  let connections = 0
  slow.on('connection', () => connections++)
  await browser.get('/login')
  const socket = socketOf(browser, ['websocket'], {}, '/slow')
  const lost = heard(socket, 'disconnect').then(() => 'lost')
  const closed = new Promise<string>((resolve) => socket.io.once('close', () => resolve('lost')))
  await asked
  await browser.get('/logout')
  goOn()
  expect(await Promise.race([lost, closed])).toBe('lost')
  expect([connections, slow.sockets.size]).toEqual([0, 0])
})

test('two that are asked for at a time end with the session, whichever of them is left', async () => {
  const { browser, io, shared } = await withSockets()
  const gates: (() => void)[] = []
  const twice = io.of('/twice')
  twice.use(socketSessions<Values>({ sessions: shared }).socketIo())
  twice.use((_, next) => void gates.push(next))
  await browser.get('/login')
  const client = new WebSocket(`${browser.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    headers: { cookie: browser.cookie },
  })
  onTestFinished(() => client.terminate())
  await once(client, 'open')
  const closed = once(client, 'close')
  for (let n = 0; n < 2; n++) client.send('40/twice,')
  await expect.poll(() => gates.length).toBe(2)
  for (const open of gates) open()
  await expect.poll(() => twice.sockets.size).toBe(2)
  client.send('41/twice,')
  await expect.poll(() => twice.sockets.size).toBe(1)
  await shared.revokeAll('ada')
  await closed
  expect(twice.sockets.size).toBe(0)
})

test('a namespace that is connected later has the session as it is then, over the same connection', async () => {
  const store = failingStore(memoryStore())
  const { browser, io } = await withSockets({ store })
  await browser.get('/login')
  const first = await connected(browser)
  const left = async (socket: Socket) => {
    socket.disconnect()
    await expect.poll(() => io.of('/other').sockets.size).toBe(0)
  }
  await browser.get('/note')
  const second = first.io.socket('/other')
  await heard(second, 'connect')
  expect(await second.emitWithAck('at the start')).toEqual({ user: 'ada', note: 'from a page' })
  await left(second)
  store.fail('load', { times: 1 })
  const refused = heard(second, 'connect_error')
  second.connect()
  expect(await refused).toMatchObject({ data: { status: 503 } })
  const again = heard(second, 'connect')
  second.connect()
  await again
  expect(await second.emitWithAck('values')).toEqual({ user: 'ada', note: 'from a page' })
  // Ended elsewhere, of which nobody here has heard yet: whoever connects finds it, and the connection ends.
  const [ended, since] = [endOf(first), performance.now()]
  let connections = 0
  second.on('connect', () => connections++)
  await createSessions({ store }).revokeAll('ada')
  await left(second)
  second.connect()
  expect(await ended).toMatchObject([{ why: 'revoked' }, {}])
  expect(performance.now() - since).toBeLessThan(4000)
  expect(connections).toBe(0)
})

test('a page that comes back before it has its new cookie is told to try again, and then is who it is', async () => {
  const { browser, shared, events } = await withSockets()
  await browser.get('/login')
  const session = await shared.open(browser.cookie, { secure: false })
  const ended = endOf(await connected(browser))
  await session.rotate()
  expect(await ended).toMatchObject([{ why: 'rotated' }, {}])
  for (let n = 0; n < 2; n++) {
    await expect(connected(browser)).rejects.toMatchObject({
      data: { code: 'UNTORN_SESSION_GONE', status: 409, why: 'rotated' },
    })
  }
  browser.cookie = (await session.commit())!.split(';', 1)[0]!
  expect(await (await connected(browser)).emitWithAck('values')).toEqual({ user: 'ada' })
  expect(events.filter(({ type }) => type === 'error')).toEqual([])
})

/** The set that a call adds something to. */
function watched(act: () => void): Set<unknown> {
  const { add } = Set.prototype
  let found: Set<unknown> | undefined
  Set.prototype.add = function (value) {
    found = this
    return add.call(this, value)
  }
  act()
  Set.prototype.add = add
  return found!
}
