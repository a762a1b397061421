import { EventEmitter } from 'node:events'
import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import session, { type Session } from '../../src/express-session.ts'
import { memoryStore } from '../../src/memory.ts'
import { pace } from '../adapters/support/stores.ts'
import { aWhile } from '../support/a-while.ts'

type WithSession = IncomingMessage & { session: Session }

function request(cookie?: string): WithSession {
  const req = new IncomingMessage({} as Socket)
  return Object.assign(req, { url: '/', headers: cookie ? { cookie } : {} }) as WithSession
}

/** What engine.io makes in place of a response at an upgrade: it asks for the head, and sends what is there by then. */
class UpgradeResponse extends EventEmitter {
  readonly headers: Record<string, unknown> = {}
  heads = 0
  setHeader(name: string, value: unknown): void {
    this.headers[name] = value
  }
  getHeader(name: string): unknown {
    return this.headers[name]
  }
  writeHead(): void {
    this.heads++
  }
}

/** Without events, as it was before. */
function withoutEvents(): UpgradeResponse {
  return Object.assign(new UpgradeResponse(), { on: undefined })
}

const responses = { 'with events': () => new UpgradeResponse(), 'without events': withoutEvents }

describe.each(Object.entries(pace))('an upgrade, over %s', (_name, paced) => {
  const opened = (options: object) =>
    session({
      secret: 'a secret',
      resave: false,
      saveUninitialized: false,
      store: paced(memoryStore()) as ReturnType<typeof memoryStore>,
      ...options,
    })
  const served = (use: ReturnType<typeof opened>, req: WithSession, res: object) =>
    new Promise<void>((resolve, reject) => {
      use(req, res as never, (error) => (error ? reject(error) : resolve()))
    })

  test.each(Object.entries(responses))(
    'a response %s takes the cookie along when it is asked for its head',
    async (_, make) => {
      const use = opened({ saveUninitialized: true })
      const res = make()
      const req = request()
      await served(use, req, res)
      expect(res.headers).toEqual({})
      res.writeHead()
      res.writeHead()
      expect(res.heads).toBe(2)
      const lines = res.headers['Set-Cookie'] as string[]
      expect(lines).toEqual([expect.stringMatching(/^connect\.sid=/)])
      // Nobody waits for it to be stored; it is, though.
      await aWhile(100)
      const again = request(lines[0]!.split(';')[0]!)
      await served(use, again, {})
      expect(again.session.id).toBe(req.session.id)
    },
  )

  test('a client that resets its connection while its session is looked for ends no process', async () => {
    const use = opened({})
    const socket = new EventEmitter()
    const ask = (headers: Record<string, string>) =>
      served(use, Object.assign(request(), { socket, headers }), {})
    await ask({})
    // Of what Socket.IO asks by polling Node.js hears itself.
    expect(socket.listenerCount('error')).toBe(0)
    const asked = ask({ upgrade: 'websocket' })
    expect(() => socket.emit('error', new Error('read ECONNRESET'))).not.toThrow()
    await asked
    expect(socket.listenerCount('error')).toBe(1)
  })

  test('no cookie is sent where no session has begun', async () => {
    const res = new UpgradeResponse()
    await served(opened({}), request(), res)
    res.writeHead()
    expect(res.headers).toEqual({})
  })

  test('`{}` is enough to read a session', async () => {
    const req = request()
    await served(opened({}), req, {})
    expect(Object.keys(req.session)).toEqual(['cookie'])
  })
})
