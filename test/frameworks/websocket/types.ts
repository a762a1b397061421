// Uses that have to compile, and wrong ones that must not: nothing here is run.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type DefaultEventsMap, Server } from 'socket.io'
import { createSessions, ForeignOriginError } from 'untorn'
import { memoryStore } from 'untorn/memory'
import { cookieFor, readSession } from 'untorn/testing'
import { type SocketData, type SocketSession, sessions } from 'untorn/websocket'
import { WebSocketServer } from 'ws'

interface Values {
  user: string
  count: number
}

const shared = createSessions<Values>({ store: memoryStore() })
const live = sessions({ sessions: shared, origins: ['https://app.example'], trustProxy: true, atOnce: 4 })
sessions<Values>({ store: memoryStore(), onError: (error, socket) => socket.close(4000, String(error)) })
sessions()
// @ts-expect-error: the sessions have options of their own
sessions({ sessions: shared, idleTimeout: '1h' })
// @ts-expect-error: a list
sessions({ origins: 'https://app.example' })

const wss = new WebSocketServer({ noServer: true })
wss.on('connection', async (socket, request) => {
  const opened: SocketSession<Values> | undefined = await live.attach(
    socket,
    request,
    async (session, data, isBinary) => {
      const count: number = session.increment('count')
      session.user = isBinary ? 'binary' : String(data)
      // @ts-expect-error: there is no such value
      session.usr = 'ada'
      // @ts-expect-error: it is a number
      session.count = 'one'
      socket.send(`${count}`)
    },
  )
  const user: string | undefined = await opened?.handle((session) => session.user)
  const none: number | undefined = await opened?.handle(async () => 1)
  // @ts-expect-error: it may not have been opened
  const certain: number = await opened?.handle(() => 1)
  const handled: number = await opened!.handle(() => 1)
  await live.attach(socket, request)
  // @ts-expect-error: the request comes second
  await live.attach(request, socket)
  return [user, none, certain, handled]
})

export async function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  try {
    const { session } = await live.open(request)
    const user: string | undefined = session.user
    if (user === undefined) socket.destroy()
  } catch (error) {
    if (error instanceof ForeignOriginError) socket.end(`HTTP/1.1 ${error.status}`)
  }
  wss.handleUpgrade(request, socket, head, (ws) => wss.emit('connection', ws, request))
}

const typed = new Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData<Values>>()
typed.use(live.socketIo())
typed.of('/other').use(live.socketIo())
typed.on('connection', (socket) => {
  socket.on('add', (_item: string, done: (count: number) => void) =>
    socket.data.session.handle((session) => done(session.increment('count'))),
  )
  // @ts-expect-error: there is no such value
  socket.data.session.handle((session) => session.usr)
})

interface ToServer {
  add(item: string): void
}
interface ToClient {
  'session-ended'(end: { why?: string }): void
}
new Server<ToServer, ToClient>().use(live.socketIo())
new Server().use(live.socketIo())

export async function inTests(response: Response): Promise<unknown> {
  const cookie: string = await cookieFor(shared, { user: 'ada' }, { owner: 'ada', secure: true })
  // @ts-expect-error: there is no such value
  await cookieFor(shared, { usr: 'ada' })
  // @ts-expect-error: it is a number
  await cookieFor(shared, { count: 'one' })
  const values: Partial<Values> | undefined = await readSession(shared, response)
  await readSession(shared, { headers: { 'set-cookie': [cookie] } })
  // @ts-expect-error: what has no headers
  await readSession(shared, { body: '' })
  return values
}
