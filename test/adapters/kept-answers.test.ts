import { createServer } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { PlainSession } from '../../src/adapters/request/plain-session.ts'
import { sessionOf as sessionOfEvent, sessions } from '../../src/h3.ts'
import { createSessions, MisuseError, type SessionStore, type SessionsOptions } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessionOf as sessionOfRequest } from '../../src/node.ts'
import { sessions as svelteKitSessions } from '../../src/sveltekit.ts'
import { ForeignStore } from '../support/foreign-store.ts'
import { slowly } from './support/stores.ts'

// What h3, Nitro and SvelteKit do to an event, without them; with them: test/frameworks.

const stores = [
  ['a store that answers at once', () => memoryStore()],
  ['a store that answers later', () => slowly(memoryStore())],
] as const

type Session = PlainSession<Record<string, unknown>>

/** Who has signed in is known by a cookie of an earlier name. */
const FORMER: SessionsOptions = { cookie: { name: 'shop', secure: 'auto', formerly: [{ name: 'sid' }] } }

async function signedIn(store: SessionStore) {
  const shared = createSessions({ store, app: 'x', cookie: { secure: 'auto' } })
  const session = await shared.open(undefined, { secure: false })
  await session.login('ada')
  await session.commit()
  return session.id
}

describe.each(stores)('a handler of h3 2 whose answer is kept, over %s', (_, newStore) => {
  /** As ocache has it: with another request, which has the cookies that are part of the key. */
  async function kept(
    { keyed, ...options }: SessionsOptions & { keyed?: string },
    shown: string | undefined,
    handler: (session: () => Session) => unknown,
    before: (session: Session) => unknown = () => {},
  ) {
    const serve = sessions({ app: 'x', cookie: { secure: 'auto' }, ...options })
    const request = (header: string | undefined) =>
      new Request('http://here/', { headers: header === undefined ? {} : { cookie: header } })
    const event = {
      context: {},
      req: request(shown),
      url: new URL('http://here/'),
      res: { headers: new Headers(), errHeaders: new Headers() },
    }
    const session = () => sessionOfEvent<Record<string, unknown>>(event)
    return serve(event as never, async () => {
      await before(session())
      event.req = request(keyed)
      return handler(session)
    })
  }

  const who = (session: () => Session) => session().owner

  test.each(['sid=', 'sid =', 'sid\t=', ' sid =', 'a=1;\tsid ='])('refuses who shows %j', async (pair) => {
    const store = newStore()
    const id = await signedIn(store)
    await expect(kept({ store }, pair + id, who)).rejects.toThrow(MisuseError)
  })

  test('refuses who comes by a cookie of an earlier name', async () => {
    const store = newStore()
    const id = await signedIn(store)
    await expect(kept({ store, ...FORMER }, `sid=${id}`, who)).rejects.toThrow(MisuseError)
    expect(await kept({ store, ...FORMER, keyed: `sid=${id}` }, `a=1; sid=${id}`, who)).toBe('ada')
  })

  test('refuses who shows so many that none is used, where the key tells of one', async () => {
    const store = newStore()
    const id = await signedIn(store)
    const many = Array(5).fill(`sid=${id}`).join('; ')
    await expect(kept({ store, keyed: `sid=${id}` }, many, who)).rejects.toThrow(MisuseError)
  })

  test('refuses who comes by a cookie of another library', async () => {
    const store = new ForeignStore()
    store.has('theirs', { user: 'ada' })
    const cookie = { secure: 'auto', accept: { name: 'connect.sid', pattern: /^\w+$/ } } as const
    const user = (session: () => Session) => session().user
    await expect(kept({ store, cookie }, 'connect.sid=theirs', user)).rejects.toThrow(MisuseError)
    const keyed = 'connect.sid=theirs'
    expect(await kept({ store, cookie, keyed }, 'a=1; connect.sid =theirs', user)).toBe('ada')
  })

  test('has the session where the key tells of its cookie, however that is written', async () => {
    const store = newStore()
    const id = await signedIn(store)
    expect(await kept({ store, keyed: `sid=${id}` }, `a=1;\tsid ="${id}"`, who)).toBe('ada')
  })

  test('reads that there is none, and changes none', async () => {
    const store = newStore()
    expect(await kept({ store }, undefined, who)).toBeUndefined()
    const changes: [string, (session: Session) => unknown][] = [
      ['a value', (session) => (session.csrf ??= 'token')],
      ['set', (session) => session.set('csrf', 'token')],
      ['update', (session) => session.update('csrf', () => 'token')],
      ['clear', (session) => session.clear()],
      ['begin', (session) => session.begin()],
      ['login', (session) => session.login('ada')],
      ['rotate', (session) => session.rotate()],
      ['id', (session) => session.id],
      ['take', (session) => session.take('csrf')],
      ['flashes', (session) => session.flashes('csrf')],
      ['flash', (session) => session.flash('csrf', 'x')],
      ['setExpiry', (session) => session.setExpiry('1h')],
    ]
    for (const [name, change] of changes) {
      const changed = kept({ store }, undefined, (session) => change(session()))
      await expect(changed, name).rejects.toThrow('can only read a session')
    }
  })

  test('shows nothing of one that has begun in front of it', async () => {
    const store = newStore()
    const token = (session: () => Session) => session().csrf
    const begins = (session: Session) => session.set('csrf', 'token')
    await expect(kept({ store }, undefined, token, begins)).rejects.toThrow('can only read')
    const signsIn = (session: Session) => session.login('ada')
    await expect(kept({ store }, undefined, who, signsIn)).rejects.toThrow('can only read')
  })

  test('shows nothing of one that has got another id in front of it', async () => {
    const store = newStore()
    const id = await signedIn(store)
    const rotates = (session: Session) => session.rotate()
    const keyed = `sid=${id}`
    await expect(kept({ store, keyed }, keyed, who, rotates)).rejects.toThrow('can only read')
  })
})

describe('a handler of Nitro 2 whose answer is kept', () => {
  interface NitroEvent {
    context: { session: Session }
    node: { req: { session: Session; sessionID: string }; res: object }
  }

  /** As Nitro has it: with what it keeps by on the context of the first event. */
  async function asked(
    varies: string[],
    cookie: string | undefined,
    ask: (event: NitroEvent) => unknown,
    store = memoryStore(),
  ) {
    const serve = sessions({ store, app: 'x', cookie: { secure: 'auto' } })
    let answer: unknown
    const server = createServer(async (req, res) => {
      const event = { context: {} as object, node: { req, res } }
      await serve(event)
      Object.assign(event.context, { cache: { options: { getKey() {}, varies } } })
      answer = await Promise.resolve()
        .then(() => ask({ context: event.context, node: { req: new Proxy(req, {}), res } } as never))
        .catch((error) => error)
      res.end()
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    onTestFinished(() => void server.close().closeAllConnections())
    const { port } = server.address() as { port: number }
    await (await fetch(`http://127.0.0.1:${port}`, { headers: cookie ? { cookie } : {} })).text()
    return answer
  }

  const ways: [string, (event: NitroEvent) => unknown][] = [
    ['event.context.session', ({ context }) => context.session.owner],
    ['sessionOf(event)', (event) => sessionOfEvent(event).owner],
    ['event.node.req.session', ({ node }) => node.req.session.owner],
    ['event.node.req.sessionID', ({ node }) => node.req.sessionID],
    ['sessionOf(event.node.req)', ({ node }) => sessionOfRequest(node.req).owner],
  ]

  test.each(ways)('for everybody does not get it by %s', async (_, ask) => {
    const store = memoryStore()
    const id = await signedIn(store)
    expect(await asked([], `sid=${id}`, ask, store)).toBeInstanceOf(MisuseError)
  })

  test.each(ways)('for each cookie reads it by %s', async (way, ask) => {
    const store = memoryStore()
    const id = await signedIn(store)
    expect(await asked(['Cookie'], `sid=${id}`, ask, store)).toBe(way.endsWith('ID') ? id : 'ada')
  })

  test('for each cookie gives no token to all who have none', async () => {
    const token = ({ context }: NitroEvent) => (context.session.csrf ??= 'token')
    expect(await asked(['cookie'], undefined, token)).toBeInstanceOf(MisuseError)
    const byRequest = ({ node }: NitroEvent) => (node.req.session.csrf ??= 'token')
    expect(await asked(['cookie'], undefined, byRequest)).toBeInstanceOf(MisuseError)
    expect(await asked(['cookie'], undefined, ({ context }) => ({ ...context.session }))).toEqual({})
  })
})

describe("what a page of SvelteKit's fetches within", () => {
  async function fetched(options: SessionsOptions, outer: string, inner: string | undefined) {
    const handle = svelteKitSessions({ app: 'x', ...options })
    const event = (cookie: string | undefined, isSubRequest: boolean) => ({
      request: new Request('http://here/', { headers: cookie === undefined ? {} : { cookie } }),
      locals: {} as { session: Session },
      cookies: { set() {} },
      isSubRequest,
    })
    const within = () =>
      handle({ event: event(inner, true), resolve: (its) => new Response(String(its.locals.session.owner)) })
    return (await handle({ event: event(outer, false), resolve: within })).text()
  }

  test('has a session of its own where it is told to come as nobody', async () => {
    const store = memoryStore()
    const id = await signedIn(store)
    for (const options of [{ store, cookie: { secure: 'auto' } } as const, { store, ...FORMER }]) {
      expect(await fetched(options, `sid=${id}`, undefined)).toBe('undefined')
      expect(await fetched(options, `a=1; sid =${id}`, `sid=${id}; a=1`)).toBe('ada')
    }
  })
})
