import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { createSessions, type SessionEvent, type SessionStore } from '../../src/index.ts'
import { sessions } from '../../src/node.ts'
import { serving } from './fetch/serving.ts'
import { runs } from './support/application.ts'
import './support/session-data.ts'
import { eachWithEach } from '../support/whole.ts'
import { expresses } from './support/express.ts'
import { serve } from './support/server.ts'
import { breakable, pace } from './support/stores.ts'
import { Visitor } from './support/visitor.ts'

/** The status of a page that reads, of one that touches the session, and of one that changes it. */
interface Pages {
  events: SessionEvent[]
  signIn(): Promise<unknown>
  status(path: '/read' | '/touch' | '/write'): Promise<number>
}

const idleTimeout = 60_000

function handled(path: string | undefined, session: { [name: string]: unknown }): string {
  if (path === '/login') session.user = 'ada'
  if (path === '/touch') (session as { touch(): void }).touch()
  if (path === '/write') session.views = 1
  return `hello ${session.user}`
}

const hosts: Record<string, (store: SessionStore) => Promise<Pages>> = {
  'node:http': async (store) => {
    const events: SessionEvent[] = []
    const mount = sessions({ store, idleTimeout, onEvent: (event) => void events.push(event) })
    const port = await serve(
      createServer((req, res) =>
        mount(req, res, () => res.end(handled(req.url, (req as unknown as { session: never }).session))),
      ),
    )
    return { events, ...visits(new Visitor(port)) }
  },
  'a fetch host': async (store) => {
    const events: SessionEvent[] = []
    const own = createSessions({ store, idleTimeout, onEvent: (event) => void events.push(event) })
    const handle = serving(own, (session, { url }) => new Response(handled(new URL(url).pathname, session)))
    let cookie = ''
    const visit = (path: string) =>
      handle(new Request(`https://shop.example${path}`, { headers: { cookie } }))
    return {
      events,
      signIn: async () => {
        cookie = (await visit('/login')).headers.getSetCookie()[0]!.split(';')[0]!
      },
      status: async (path) => (await visit(path)).status,
    }
  },
}
for (const [name, express] of Object.entries(expresses)) {
  hosts[name] = async (store) => {
    const mount: Parameters<typeof runs>[0] = (app) =>
      app.use((req, res) => void res.send(handled(req.path, req.session as never)))
    const { events, visitor } = await runs(mount, { express, store, idleTimeout })
    return { events, ...visits(visitor()) }
  }
}

function visits(visitor: Visitor): Omit<Pages, 'events'> {
  return {
    signIn: () => visitor.get('/login'),
    status: async (path) => (await visitor.get(path)).status,
  }
}

const cases = eachWithEach(Object.keys(hosts), Object.keys(pace))

describe.each(cases)('on %s with %s that can be read only', (host, speed) => {
  test('a tenth of the idle timeout after the sign-in, pages that only read are shown', async () => {
    const { store, broken } = breakable()
    const { events, signIn, status } = await hosts[host]!(pace[speed]!(store))
    await signIn()
    for await (const [key, { expiresAt }] of store.records()) {
      await store.save(key, { expiresAt: expiresAt - 0.15 * idleTimeout })
    }
    events.length = 0
    broken.add('save')
    expect(await status('/read')).toBe(200)
    expect(await status('/touch')).toBe(200)
    expect(events).toMatchObject([
      { type: 'error', error: { message: 'The disk is full.' } },
      { type: 'error', error: { message: 'The disk is full.' } },
    ])
    expect(await status('/write')).toBeGreaterThanOrEqual(500)
    broken.clear()
    expect(await status('/write')).toBe(200)
  })
})
