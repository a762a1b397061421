import { readdirSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { sessionKey } from '../../src/contract/key.ts'
import { fileStore } from '../../src/file.ts'
import type { SessionStore } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { aWhile } from '../support/a-while.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { countedIds, runs, told } from './support/application.ts'
import { type Anything, dropIn, type Middleware, type Req, untornStore } from './support/implementation.ts'
import { mount, VisitorOf } from './support/one-server.ts'
import { dropIns, passes, runOn } from './support/subjects.ts'

const BASE = { secret: 'a secret', resave: false, saveUninitialized: false }

/** An application of these options, as they are given. */
async function served(options: Record<string, Anything>, handler?: (req: Req) => unknown) {
  const session: Middleware = dropIn({ ...BASE, ...options })
  const errors: Anything[] = []
  let store: Anything
  const asks = await mount((incoming, res) => {
    const req = incoming as Req
    session(req, res, async (error) => {
      if (error) {
        errors.push(error)
        if (!res.headersSent) res.writeHead(500).end()
        return
      }
      store = req.sessionStore
      if (req.url === '/set') req.session.visits = (req.session.visits ?? 0) + 1
      await handler?.(req)
      res.end(JSON.stringify(req.session?.visits ?? null))
    })
  })
  return { visitor: new VisitorOf(asks), errors, close: () => store.close() }
}

/** What a store was asked to write. */
function written(store: SessionStore): string[] {
  const verbs: string[] = []
  for (const verb of ['create', 'save', 'delete'] as const) {
    const before = store[verb].bind(store) as (...all: unknown[]) => unknown
    Object.assign(store, {
      [verb]: (...all: unknown[]) => {
        verbs.push(verb)
        return before(...all)
      },
    })
  }
  return verbs
}

test('without a store sessions are in files below the working directory, and a new process finds them', async () => {
  const directory = temporaryDirectory()
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(directory)
  const first = await served({})
  expect((await first.visitor.get('/set')).text).toBe('1')
  expect(readdirSync(directory)).toHaveLength(1)
  const again = await served({})
  for (const [name, value] of first.visitor.cookies) again.visitor.cookies.set(name, value)
  expect((await again.visitor.get('/set')).text).toBe('2')
  cwd.mockRestore()
  await first.close()
  await again.close()
})

test.each<[string, () => SessionStore]>([
  ['files', () => fileStore(temporaryDirectory())],
  ['memory', () => memoryStore()],
])('`store` takes a store of untorn as it is: %s', async (_name, make) => {
  const store = make()
  const { visitor } = await served({ store })
  for (const text of ['1', '2']) expect((await visitor.get('/set')).text).toBe(text)
  expect((await visitor.get('/')).text).toBe('2')
  await store.close()
})

test('a session is found by the hash of its id, and is nowhere in the store with the id itself', async () => {
  const store = memoryStore()
  const { visitor } = await served({ store, genid: () => 'the-secret-id' })
  await visitor.get('/set')
  const record = await store.load(sessionKey('the-secret-id'))
  expect([...record!.values]).toEqual([
    ['visits', '1'],
    ['untorn:cookie', '{"originalMaxAge":null,"httpOnly":true,"path":"/"}'],
  ])
  const all = []
  for await (const [key, { values }] of store.records()) all.push(key, ...values.keys(), ...values.values())
  expect(all.join()).not.toContain('the-secret-id')
})

test('with `app` an id is one of that application alone', async () => {
  const store = memoryStore()
  const visits = async (app: string | undefined) => {
    const { visitor } = await served({ store, app, genid: () => 'same' })
    return (await visitor.get('/set')).text
  }
  expect([await visits('one'), await visits('two'), await visits(undefined)]).toEqual(['1', '1', '1'])
  const keys = []
  for await (const [key] of store.records()) keys.push(key)
  expect(new Set(keys).size).toBe(3)
})

test('a request that only reads writes nothing, and one in each tenth of the age notes the use', async () => {
  await runOn(dropIns[0]!, async () => {
    const store = memoryStore()
    const verbs = written(store)
    const { visitor } = await served({ store, cookie: { maxAge: 100_000 } })
    await visitor.get('/set')
    expect(verbs.splice(0)).toEqual(['create'])
    for (let visit = 0; visit < 9; visit++) {
      passes(1000)
      await visitor.get('/')
    }
    expect(verbs).toEqual([])
    passes(2000)
    await visitor.get('/')
    expect(verbs).toEqual(['save'])
  })
})

test('what is set to what it was is not written', async () => {
  const store = memoryStore()
  const verbs = written(store)
  const { visitor } = await served({ store }, (req) => {
    req.session.user = { name: 'ada', roles: ['a', 'b'] }
  })
  for (let visit = 0; visit < 3; visit++) await visitor.get('/')
  expect(verbs).toEqual(['create'])
})

test('a session that its cookie ends is deleted, and the cookie takes the one of the browser away', async () => {
  const store = memoryStore()
  const verbs = written(store)
  const { visitor } = await served({ store }, (req) => {
    if (req.url !== '/end') return
    req.session.why = 'signed out'
    req.session.cookie.expires = new Date(0)
  })
  await visitor.get('/set')
  const { setCookies } = await visitor.get('/end')
  expect(verbs).toEqual(['create', 'delete'])
  expect(setCookies).toMatchObject([expect.stringContaining('Expires=Thu, 01 Jan 1970')])
})

test('a change sends the values that have changed, and no others', async () => {
  const store = memoryStore()
  const save = vi.spyOn(store, 'save')
  const { visitor } = await served({ store }, (req) => {
    req.session.same ??= { large: 'x'.repeat(1000) }
  })
  await visitor.get('/set')
  await visitor.get('/set')
  expect(save).toHaveBeenCalledTimes(1)
  expect(save.mock.calls[0]![1]).toEqual({ set: new Map([['visits', '2']]) })
})

test('a session without an age lives for the idle timeout on the store: a day, or what is said', async () => {
  await runOn(dropIns[0]!, async () => {
    const texts = []
    for (const idleTimeout of [undefined, '10m']) {
      const { visitor } = await served({ store: memoryStore(), idleTimeout })
      await visitor.get('/set')
      passes(9 * 60_000)
      texts.push((await visitor.get('/')).text)
      passes(20 * 60_000)
      texts.push((await visitor.get('/')).text)
      passes(27 * 3_600_000)
      texts.push((await visitor.get('/')).text)
    }
    expect(texts).toEqual(['1', '1', 'null', '1', 'null', 'null'])
  })
})

test('with `lifetime` a session ends, however much it is used', async () => {
  await runOn(dropIns[0]!, async () => {
    const { visitor } = await served({ store: memoryStore(), lifetime: '1h', cookie: { maxAge: 1_000_000 } })
    const texts = []
    for (let visit = 0; visit < 8; visit++) {
      texts.push((await visitor.get(visit === 0 ? '/set' : '/')).text)
      passes(600_000)
    }
    expect(texts).toEqual(['1', '1', '1', '1', '1', '1', 'null', 'null'])
  })
})

test('a session that is too large is an error of its request, and what was there stays', async () => {
  const store = memoryStore()
  const { visitor, errors } = await served({ store, maxBytes: 1000 }, (req) => {
    if (req.url === '/large') req.session.large = 'x'.repeat(1000)
  })
  await visitor.get('/set')
  await visitor.get('/large')
  await expect.poll(() => errors).toMatchObject([{ code: 'UNTORN_SESSION_TOO_LARGE' }])
  expect((await visitor.get('/')).text).toBe('1')
})

test.each([
  ['a new session', 'with the answer'],
  ['a new session', 'by another save'],
  ['a stored one', 'with the answer'],
  ['a stored one', 'by another save'],
])(
  'what is set behind a save that nobody awaits is what stands, whichever call the store carries out first: %s, %s',
  async (which, how) => {
    const store = memoryStore()
    let calls = 0
    for (const verb of ['create', 'save'] as const) {
      const now = store[verb].bind(store) as (...all: unknown[]) => unknown
      const later = async (...all: unknown[]) => {
        // As by a pool of connections, one of which is slow.
        if (calls++ === 0) await delay(10)
        return now(...all)
      }
      Object.assign(store, { [verb]: later })
    }
    const { visitor } = await served({ store }, (req) => {
      if (req.url === '/save') {
        req.session.a = 1
        req.session.save()
        req.session.a = 2
        if (how === 'by another save') req.session.save()
      }
      if (req.url === '/seen') req.session.visits = req.session.a
    })
    if (which === 'a stored one') await visitor.get('/set')
    calls = 0
    await visitor.get('/save')
    await aWhile(20)
    expect((await visitor.get('/seen')).text).toBe('2')
  },
)

test.each(['destroy', 'regenerate'])(
  'a new session whose save nobody awaits is not there behind `%s`, however late the store is',
  async (method) => {
    const store = memoryStore()
    const create = store.create.bind(store)
    Object.assign(store, {
      create: async (...all: Parameters<typeof create>) => {
        await delay(10)
        return create(...all)
      },
    })
    const { visitor } = await served({ store, genid: countedIds() }, (req) => {
      req.session.a = 1
      req.session.save()
      return told((callback) => req.session[method](callback))
    })
    await visitor.get()
    await aWhile(20)
    expect(await store.load(sessionKey('id-1'))).toBeUndefined()
  },
)

test('onEvent is told of sessions that begin and end', async () => {
  const events: Anything[] = []
  const { visitor } = await served(
    { store: memoryStore(), onEvent: (event: Anything) => events.push(event) },
    (req) => (req.url === '/end' ? told((callback) => req.session.destroy(callback)) : undefined),
  )
  await visitor.get('/set')
  await visitor.get('/end')
  expect(events.map(({ type }) => type)).toEqual(['created', 'signed-out'])
})

test.each<[string, object]>([
  ['idleTimeout', { idleTimeout: 'soon' }],
  ['idleTimeout', { idleTimeout: 0 }],
  ['lifetime', { lifetime: -1 }],
  ['maxBytes', { maxBytes: 1.5 }],
  ['maxKeys', { maxKeys: 0 }],
  ['app', { app: 7 }],
  ['onEvent', { onEvent: 'log' }],
  ['store', { store: {} }],
  ['merge', { merge: {} }],
  ['serializer', { serializer: {} }],
])('an option of untorn that can not be used is refused when it is given: %s', (name, options) => {
  expect(() => dropIn({ ...BASE, store: memoryStore(), ...options })).toThrow(
    expect.objectContaining({ code: 'UNTORN_INVALID_OPTION', message: expect.stringContaining(name) }),
  )
})

test('untornStore takes a store of untorn alone', () => {
  for (const store of [undefined, {}, new dropIn.MemoryStore()]) {
    expect(() => untornStore(store as Anything)).toThrow(
      expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' }),
    )
  }
})

test('ids that an application makes may come again: the session of the last stands, whole', async () => {
  const app = await runs(dropIns[1]!, { genid: () => 'same' }, (req, res) => {
    req.session[req.url!.slice(1)] = 1
    res.end()
  })
  await app.ask('/a')
  await app.ask('/b')
  const { cookie, ...values } = await told((callback) => app.store.get('same', callback))
  expect([Object.keys(values), typeof cookie]).toEqual([['b'], 'object'])
})
