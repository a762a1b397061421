import { once } from 'node:events'
import http, { type IncomingMessage, type RequestListener, type Server } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { onTestFinished } from 'vitest'
import { sessions as expressSessions } from '../../../src/express.ts'
import {
  createSessions,
  type SessionEvent,
  type SessionStore,
  type SessionsOptions,
} from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { sessions as nodeSessions, type PlainSession } from '../../../src/node.ts'
import { type SocketSessionsOptions, sessions as socketSessions } from '../../../src/websocket.ts'

export interface Values {
  user: string
  count: number
  note: string
}

export type Scheme = 'http' | 'https'
export type PagesBy = 'node' | 'express'

// A key that both sides know is TLS without a certificate.
const psk = Buffer.from('a key that both sides know')
const ciphers = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const
const serverTls = { ...ciphers, pskCallback: () => psk, pskIdentityHint: 'test' }
export const clientTls = {
  ...ciphers,
  pskCallback: () => ({ psk, identity: 'test' }),
  checkServerIdentity: () => undefined,
}

export interface SiteOptions {
  scheme?: Scheme
  pages?: PagesBy
  store?: SessionStore
  idleTimeout?: NonNullable<SessionsOptions['idleTimeout']>
  live?: Omit<SocketSessionsOptions<Values>, 'sessions'>
}

/** Pages and sockets that have the same sessions, on a server that listens. */
export async function site(options: SiteOptions = {}) {
  const { scheme = 'http', pages = 'node', store = memoryStore(), idleTimeout = '1h', live = {} } = options
  const events: SessionEvent[] = []
  const onEvent = (event: SessionEvent) => void events.push(event)
  const shared = createSessions<Values>({ store, onEvent, idleTimeout })
  const listener = PAGES[pages](shared)
  const server = scheme === 'http' ? http.createServer() : https.createServer(serverTls)
  server.on('request', (req, res) => {
    // Those of Socket.IO are its own.
    if (!req.url!.startsWith('/socket.io/')) listener(req, res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
    await shared.close()
  })
  const { port } = server.address() as AddressInfo
  const browser = new Browser(scheme, port)
  return {
    server,
    shared,
    events,
    store,
    browser,
    live: socketSessions<Values>({ sessions: shared, ...live }),
  }
}

const PAGES: Record<PagesBy, (shared: ReturnType<typeof createSessions<Values>>) => RequestListener> = {
  node(shared) {
    const session = nodeSessions<Values>({ sessions: shared, trustProxy: true })
    return session(async (req, res) => res.end(JSON.stringify(await answer(req.session, req.url!))))
  },
  express(shared) {
    const app = express()
    app.set('trust proxy', true)
    app.use(expressSessions<Values>({ sessions: shared }))
    app.use(async (req, res) => {
      res.json(await answer(req.session as unknown as PlainSession<Values>, req.url))
    })
    return app
  },
}

async function answer(session: PlainSession<Values>, path: string): Promise<unknown> {
  if (path === '/login') {
    session.user = 'ada'
    await session.login('ada', { keep: ['user'] })
  }
  if (path === '/note') session.note = 'from a page'
  if (path === '/rotate') await session.rotate()
  if (path === '/logout') await session.logout()
  return { ...session }
}

/** A browser as far as cookies go. */
export class Browser {
  readonly scheme: Scheme
  readonly port: number
  cookie = ''

  constructor(scheme: Scheme, port: number) {
    this.scheme = scheme
    this.port = port
  }

  get url(): string {
    return `${this.scheme}://127.0.0.1:${this.port}`
  }

  async get(path: string, headers: http.OutgoingHttpHeaders = {}): Promise<Partial<Values>> {
    const { request } = this.scheme === 'http' ? http : https
    const tls = this.scheme === 'http' ? {} : clientTls
    const asked = request(this.url + path, {
      ...tls,
      agent: false,
      headers: { cookie: this.cookie, ...headers },
    })
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    for (const line of response.headers['set-cookie'] ?? []) this.cookie = line.split(';', 1)[0]!
    let text = ''
    for await (const chunk of response) text += chunk
    return JSON.parse(text)
  }
}

export type { Server }
