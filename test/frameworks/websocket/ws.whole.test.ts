import { once } from 'node:events'
import { type Socket, connect as tcpConnect } from 'node:net'
import { setTimeout as later } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { fileStore } from '../../../src/file.ts'
import type { SessionStore, StoreUnavailableError } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { failingStore } from '../../../src/testing.ts'
import type { OnMessage } from '../../../src/websocket.ts'
import { againIfSlow } from '../../support/again-if-slow.ts'
import { startChild } from '../../support/child.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { type Browser, clientTls, type SiteOptions, site, type Values } from './site.ts'

/** What a socket is asked for, by a text; each is answered by one. */
const deeds: Record<string, (session: Parameters<OnMessage<Values>>[0]) => unknown> = {
  values: (session) => ({ ...session }),
  count: (session) => session.increment('count'),
  note: (session) => {
    session.note = 'from a socket'
    return 'noted'
  },
  fail: () => Promise.reject(new Error('no luck')),
}

/** A site whose sockets are of ws. */
async function withSockets(options: SiteOptions = {}) {
  const shop = await site(options)
  const wss = new WebSocketServer({ server: shop.server })
  onTestFinished(() => wss.close())
  wss.on('connection', (socket, request) => {
    void shop.live.attach(socket, request, async (session, data) => {
      socket.send(JSON.stringify((await deeds[String(data)]!(session)) ?? null))
    })
  })
  return { ...shop, wss }
}

class Client {
  readonly socket: WebSocket
  readonly closed: Promise<[code: number, reason: string]>

  constructor(browser: Browser, headers: Record<string, string> = {}) {
    const given = { ...(browser.cookie !== '' && { cookie: browser.cookie }), ...headers }
    this.socket = new WebSocket(browser.url.replace('http', 'ws'), {
      headers: given,
      ...(browser.scheme === 'https' && clientTls),
    })
    this.closed = once(this.socket, 'close').then(([code, reason]) => [code, String(reason)])
    onTestFinished(() => this.socket.terminate())
  }

  /** Asks at once, as soon as the socket is open: the server may still be loading the session. */
  async ask(deed: string): Promise<unknown> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, 'open')
    const answer = once(this.socket, 'message')
    this.socket.send(deed)
    const [data] = await answer
    return JSON.parse(String(data))
  }
}

const places = (['http', 'https'] as const).flatMap((scheme) =>
  (['node', 'express'] as const).map((pages) => ({ scheme, pages })),
)

describe.each(places)('ws on $scheme, beside pages of $pages', (place) => {
  test('a socket has the session of its visitor, and each message sees what pages have stored since', async () => {
    const { browser } = await withSockets(place)
    await browser.get('/login')
    expect(browser.cookie).toMatch(place.scheme === 'https' ? /^__Host-sid=/ : /^sid=/)
    const client = new Client(browser)
    expect(await client.ask('values')).toEqual({ user: 'ada' })
    await browser.get('/note')
    expect(await client.ask('values')).toEqual({ user: 'ada', note: 'from a page' })
  })

  test('what a message changes is there for pages', async () => {
    const { browser } = await withSockets(place)
    await browser.get('/login')
    expect(await new Client(browser).ask('note')).toBe('noted')
    expect(await browser.get('/')).toEqual({ user: 'ada', note: 'from a socket' })
  })

  test('a sign-out and a new id close it, and say so', async () => {
    const { browser } = await withSockets(place)
    await browser.get('/login')
    const [first, second] = [new Client(browser), new Client(browser)]
    await Promise.all([first.ask('values'), second.ask('values')])
    await browser.get('/rotate')
    expect(await Promise.all([first.closed, second.closed])).toEqual(Array(2).fill([4401, 'rotated']))
    const again = new Client(browser)
    expect(await again.ask('values')).toEqual({ user: 'ada' })
    await browser.get('/logout')
    expect(await again.closed).toEqual([4401, 'signed-out'])
  })

  test('a visitor without one is anonymous, and nothing is stored', async () => {
    const { browser, shared } = await withSockets(place)
    const client = new Client(browser)
    expect(await client.ask('values')).toEqual({})
    client.socket.send('note')
    expect(await client.closed).toEqual([1011, 'error'])
    expect(await shared.count()).toBe(0)
  })
})

/** Slower than a file, as a server is. */
function slowly(store: SessionStore): SessionStore {
  const wait = () => later(1 + Math.random() * 10)
  const slow = (call: 'create' | 'load' | 'save' | 'delete' | 'exists') =>
    (async (...args: unknown[]) => {
      await wait()
      return Reflect.apply(store[call] as (...args: unknown[]) => unknown, store, args)
    }) as never
  return {
    create: slow('create'),
    load: slow('load'),
    save: slow('save'),
    delete: slow('delete'),
    exists: slow('exists'),
    clearExpired: (options) => store.clearExpired(options),
    records: (options) => store.records(options),
    close: () => store.close(),
  }
}

const stores: Record<string, () => SessionStore> = {
  files: () => fileStore(temporaryDirectory()),
  'a slow store': () => slowly(memoryStore()),
}

test.each(Object.entries(stores))(
  'fifty messages at once, of two sockets, count to a hundred, over %s',
  async (_, make) => {
    const { browser } = await withSockets({ store: make() })
    await browser.get('/login')
    const clients = [new Client(browser), new Client(browser)]
    await Promise.all(clients.map((client) => once(client.socket, 'open')))
    const answers = clients.map(async ({ socket }) => {
      let answered = 0
      for (let n = 0; n < 50; n++) socket.send('count')
      for await (const _ of onMessages(socket)) if (++answered === 50) return
    })
    await Promise.all(answers)
    await expect.poll(async () => (await browser.get('/')).count).toBe(100)
  },
)

async function* onMessages(socket: WebSocket): AsyncGenerator<unknown> {
  const waiting: unknown[] = []
  let wake = (): void => {}
  socket.on('message', (data) => {
    waiting.push(data)
    wake()
  })
  for (;;) {
    while (waiting.length > 0) yield waiting.shift()
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
}

test('a client that sends faster than its messages are handled is not read any more, and nothing is lost', async () => {
  const shop = await site({ live: { atOnce: 2 } })
  const wss = new WebSocketServer({ server: shop.server })
  onTestFinished(() => wss.close())
  let [handled, pauses] = [0, 0]
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  wss.on('connection', (socket, request) => {
    const pause = socket.pause.bind(socket)
    socket.pause = () => {
      pauses++
      pause()
    }
    void shop.live.attach(socket, request, async () => {
      await gate
      handled++
    })
  })
  const { socket } = new Client(shop.browser)
  await once(socket, 'open')
  const much = Buffer.alloc(1_000_000)
  for (let n = 0; n < 40; n++) socket.send(much)
  await expect.poll(() => pauses).toBe(1)
  await later(100)
  // What the system takes is sent; the rest waits with the client.
  expect(socket.bufferedAmount).toBeGreaterThan(10_000_000)
  open()
  // Forty megabytes take a busy machine a while.
  await expect.poll(() => handled, { timeout: 20_000 }).toBe(40)
})

describe('ended', () => {
  test('by all of its owner being revoked', async () => {
    const { browser, shared } = await withSockets()
    await browser.get('/login')
    const client = new Client(browser)
    await client.ask('values')
    await shared.revokeAll('ada')
    expect(await client.closed).toEqual([4401, 'revoked'])
  })

  test('by its time being up, without any message', async () => {
    await againIfSlow(1000, async (idleTimeout) => {
      const { browser } = await withSockets({ idleTimeout })
      await browser.get('/login')
      const client = new Client(browser)
      const isOver = client.closed.then((why) => expect.fail(`Closed before it was asked: ${why}`))
      await Promise.race([client.ask('values'), isOver])
      isOver.catch(() => {})
      expect(await client.closed).toEqual([4401, 'expired'])
    })
  })

  test('by another process', async () => {
    const folder = temporaryDirectory()
    const { browser } = await withSockets({ store: fileStore(folder) })
    await browser.get('/login')
    const client = new Client(browser)
    await client.ask('values')
    const child = startChild(new URL('sign-out.ts', import.meta.url), folder, browser.cookie)
    await child.ended()
    expect(await client.closed).toEqual([4401, 'signed-out'])
  })
})

/** The first bytes of a connection as a client of WebSocket sends them, which then does as it likes. */
async function rawClient(browser: Browser): Promise<Socket> {
  const socket = tcpConnect(browser.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  const lines = [
    'GET / HTTP/1.1',
    `Host: 127.0.0.1:${browser.port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...(browser.cookie === '' ? [] : [`Cookie: ${browser.cookie}`]),
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  return socket
}

test('a frame against the protocol closes its socket, and nobody else’s', async () => {
  const { browser, wss } = await withSockets()
  await browser.get('/login')
  const client = new Client(browser)
  await client.ask('values')
  const broken = await rawClient(browser)
  const open = () => [...wss.clients].filter(({ readyState }) => readyState === WebSocket.OPEN).length
  await expect.poll(open).toBe(2)
  broken.write(Buffer.from([0xff, 0x00]))
  await expect.poll(open).toBe(1)
  expect(await client.ask('values')).toEqual({ user: 'ada' })
})

test('a page that comes back before it has its new cookie is told to try again, and then is who it is', async () => {
  const { browser, shared } = await withSockets()
  await browser.get('/login')
  const session = await shared.open(browser.cookie, { secure: false })
  const first = new Client(browser)
  await first.ask('values')
  await session.rotate()
  const early = [await first.closed, await new Client(browser).closed, await new Client(browser).closed]
  expect(early).toEqual(Array(3).fill([4401, 'rotated']))
  browser.cookie = (await session.commit())!.split(';', 1)[0]!
  expect(await new Client(browser).ask('values')).toEqual({ user: 'ada' })
})

test('an end is told to a client whose messages are held up, at once', async () => {
  const shop = await site()
  const wss = new WebSocketServer({ server: shop.server })
  onTestFinished(() => wss.close())
  let begun = 0
  wss.on('connection', (socket, request) => {
    void shop.live.attach(socket, request, () => {
      begun++
      return new Promise(() => {})
    })
  })
  await shop.browser.get('/login')
  const { socket, closed } = new Client(shop.browser)
  await once(socket, 'open')
  for (let n = 0; n < 40; n++) socket.send('again')
  await expect.poll(() => begun).toBe(16)
  await shop.shared.revokeAll('ada')
  // ws waits for thirty seconds for a client that does not answer.
  const late = later(10_000).then(() => 'held up')
  expect(await Promise.race([closed, late])).toEqual([4401, 'revoked'])
  expect(begun).toBe(16)
})

describe('by `noServer`, who is let in is decided before there is a socket', () => {
  async function guarded(options: SiteOptions = {}, look = async (): Promise<void> => {}) {
    const shop = await site(options)
    const wss = new WebSocketServer({ noServer: true })
    shop.server.on('upgrade', async (request, socket, head): Promise<unknown> => {
      const refuse = (status: number) => socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\n\r\n`)
      try {
        const { session } = await shop.live.open(request)
        if (session.owner === undefined) return refuse(401)
        await look()
      } catch (error) {
        return refuse((error as StoreUnavailableError).status)
      }
      return wss.handleUpgrade(request, socket, head, (ws) => {
        void shop.live.attach(ws, request, (session) => ws.send(JSON.stringify(session.owner)))
      })
    })
    const refusal = async (headers: Record<string, string> = {}) => {
      const { socket, closed } = new Client(shop.browser, headers)
      // Who is refused hears no orderly end: ws has an error for that, which is what the test has asked for.
      closed.catch(() => {})
      const [, response] = await once(socket, 'unexpected-response')
      return response.statusCode
    }
    return { ...shop, refusal }
  }

  test('who is signed in, and is closed when they are not any more', async () => {
    const { browser } = await guarded()
    await browser.get('/login')
    const client = new Client(browser, { origin: browser.url })
    expect(await client.ask('who')).toBe('ada')
    await browser.get('/logout')
    expect(await client.closed).toEqual([4401, 'signed-out'])
  })

  test('one that is revoked while the application looks who it is gets no socket that stays', async () => {
    let [asked, goOn] = [0, (): void => {}]
    const looks = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const { browser, shared } = await guarded({}, () => {
      asked++
      return looks
    })
    await browser.get('/login')
    const client = new Client(browser)
    await expect.poll(() => asked).toBe(1)
    await shared.revokeAll('ada')
    goOn()
    expect(await client.closed).toEqual([4401, 'revoked'])
  })

  test('one whose client resets the connection meanwhile', async () => {
    let [asked, goOn] = [0, (): void => {}]
    const looks = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const { browser, server } = await guarded({}, () => {
      asked++
      return looks
    })
    const errors: unknown[] = []
    server.prependListener('upgrade', (_request, socket) => {
      const { emit } = socket
      const noted = (event: string, ...args: unknown[]): boolean => {
        const [error] = args as { code?: string }[]
        if (event === 'error') errors.push([error?.code, socket.listenerCount('error')])
        return Reflect.apply(emit, socket, [event, ...args])
      }
      socket.emit = noted as typeof emit
    })
    await browser.get('/login')
    const reset = await rawClient(browser)
    await expect.poll(() => asked).toBe(1)
    reset.resetAndDestroy()
    await expect.poll(() => errors).toEqual([['ECONNRESET', 1]])
    goOn()
    expect(await new Client(browser).ask('who')).toBe('ada')
  })

  test('not a stranger, not a page of another site, and nobody while the store fails', async () => {
    const store = failingStore(memoryStore())
    const { browser, refusal } = await guarded({ store })
    expect(await refusal()).toBe(401)
    await browser.get('/login')
    expect(await refusal({ origin: 'https://evil.example' })).toBe(403)
    store.fail('load')
    expect(await refusal()).toBe(503)
  })
})

test('behind a proxy that ends TLS: its cookie is found, whether the proxy is trusted or not', async () => {
  for (const trustProxy of [true, false]) {
    const { browser } = await withSockets({ live: { trustProxy } })
    await browser.get('/login', { 'x-forwarded-proto': 'https' })
    expect(browser.cookie).toMatch(/^__Host-sid=/)
    const client = new Client(browser, { 'x-forwarded-proto': 'https' })
    expect(await client.ask('values')).toEqual({ user: 'ada' })
  }
})

test('a page of another site', async () => {
  const { browser, events } = await withSockets()
  await browser.get('/login')
  const client = new Client(browser, { origin: 'https://evil.example' })
  expect(await client.closed).toEqual([1008, 'origin'])
  expect(events).toContainEqual({
    type: 'error',
    error: expect.objectContaining({ code: 'UNTORN_FOREIGN_ORIGIN' }),
  })
})

test('a store that fails at a message closes the socket, and lets the client come back', async () => {
  const store = failingStore(memoryStore())
  const { browser } = await withSockets({ store })
  await browser.get('/login')
  const client = new Client(browser)
  await client.ask('values')
  store.fail('load', { times: 1 })
  client.socket.send('values')
  expect(await client.closed).toEqual([1013, 'try again later'])
  expect(await new Client(browser).ask('values')).toEqual({ user: 'ada' })
})

test('a handler that fails closes the socket', async () => {
  const { browser } = await withSockets()
  const client = new Client(browser)
  await once(client.socket, 'open')
  client.socket.send('fail')
  expect(await client.closed).toEqual([1011, 'error'])
})

test('sockets that were open for a while leave nothing behind', async () => {
  const { browser, shared, wss } = await withSockets()
  await browser.get('/login')
  // Its listener is counted with those of the sockets, under its key.
  const session = await shared.open(browser.cookie, { secure: false })
  const subscriptions = watched(() => session.onEnd(() => {}))
  expect(subscriptions.size).toBe(1)
  for (let round = 0; round < 4; round++) {
    const clients = Array.from({ length: 50 }, () => new Client(browser))
    await Promise.all(clients.map((client) => client.ask('values')))
    expect(subscriptions.size).toBe(51)
    for (const [n, { socket }] of clients.entries()) n % 2 === 0 ? socket.close() : socket.terminate()
    await expect.poll(() => wss.clients.size).toBe(0)
    expect(subscriptions.size).toBe(1)
  }
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
