import { EventEmitter } from 'node:events'
import { inherits } from 'node:util'
import { expect } from 'vitest'
import { essence, messages, runs, stored, told } from './support/application.ts'
import type { AnyStore, Anything, Implementation, Req } from './support/implementation.ts'
import { overMemoryStore, passes, type Subject, same, sameEach } from './support/subjects.ts'

type Callback = (error?: Anything, value?: Anything) => void

/** A store as people write them, over a Map, that tells what it was asked. */
function mapStore({ Store }: Implementation, { touches = true, sync = false } = {}) {
  const calls: string[] = []
  const sessions = new Map<string, string>()
  const answer = (callback: Callback | undefined, ...said: unknown[]) => {
    if (callback === undefined) return
    if (sync) callback(...said)
    else setImmediate(callback, ...said)
  }
  class MapStore extends Store {
    override get = (sid: string, callback: Callback) => {
      calls.push(`get ${sid}`)
      const text = sessions.get(sid)
      answer(callback, null, text && JSON.parse(text))
    }
    override set = (sid: string, session: object, callback?: Callback) => {
      calls.push(`set ${sid} ${JSON.stringify({ ...session, cookie: undefined })}`)
      sessions.set(sid, JSON.stringify(session))
      answer(callback)
    }
    override destroy = (sid: string, callback?: Callback) => {
      calls.push(`destroy ${sid}`)
      sessions.delete(sid)
      answer(callback)
    }
    override touch: Anything = touches
      ? (sid: string, session: Anything, callback?: Callback) => {
          calls.push(`touch ${sid} ${session.cookie.maxAge}`)
          answer(callback)
        }
      : undefined
  }
  return { store: new MapStore() as AnyStore, calls, sessions }
}

const steps: Record<string, (req: Req) => unknown> = {
  '/': () => {},
  '/set': (req) => {
    req.session.visits = (req.session.visits ?? 0) + 1
  },
  '/cookie': (req) => {
    req.session.cookie.maxAge = 30_000
  },
  '/save': (req) => {
    req.session.saved = (req.session.saved ?? 0) + 1
    return told((callback) => req.session.save(callback))
  },
  '/save-nothing': (req) => told((callback) => req.session.save(callback)),
  '/save-more': async (req) => {
    req.session.saved = (req.session.saved ?? 0) + 1
    await told((callback) => req.session.save(callback))
    req.session.more = req.session.saved
  },
  '/reload': (req) => told((callback) => req.session.reload(callback)),
  '/new': (req) => told((callback) => req.session.regenerate(callback)),
  '/null': (req) => {
    req.session = null
  },
  '/end': (req) => told((callback) => req.session.destroy(callback)),
}

const options: Record<string, Record<string, Anything>> = {
  'nothing more': {},
  resave: { resave: true },
  saveUninitialized: { saveUninitialized: true },
  'resave and saveUninitialized': { resave: true, saveUninitialized: true },
  rolling: { rolling: true },
  'unset of destroy': { unset: 'destroy' },
}

for (const [kind, of] of Object.entries({
  'that can touch': {},
  'that can not touch': { touches: false },
  'that answers within the call': { sync: true },
})) {
  sameEach(
    `what a store ${kind} is asked, with`,
    options,
    async (at, given) => {
      const { store, calls, sessions } = mapStore(at.session, of)
      const app = await runs(at, { store, cookie: { maxAge: 60_000 }, ...given }, async (req, res) => {
        await steps[req.url!]!(req)
        res.end()
      })
      const seen: unknown[] = []
      const visit = async (path: string, cookie?: string) => {
        const { setCookies } = await app.ask(path, { headers: cookie === undefined ? {} : { cookie } })
        seen.push([path, setCookies, calls.splice(0)])
        return setCookies[0]?.split(';')[0]
      }
      // New ones, and then one that is stored.
      for (const path of Object.keys(steps)) {
        if (path !== '/reload') await visit(path)
      }
      for (const path of Object.keys(steps)) {
        const cookie = await visit('/set')
        await visit(path, cookie)
        await visit('/', cookie)
      }
      return [seen, [...sessions]]
    },
    overMemoryStore,
  )
}

same(
  'a store of long ago derives by a call of Store and util.inherits',
  async (at) => {
    const { Store } = at.session
    function Old(this: Anything) {
      ;(Store as Anything).call(this)
      this.kept = {}
    }
    inherits(Old, Store as Anything)
    Object.assign(Old.prototype, {
      get(this: Anything, sid: string, callback: Callback) {
        callback(null, this.kept[sid] && JSON.parse(this.kept[sid]))
      },
      set(this: Anything, sid: string, session: object, callback: Callback) {
        this.kept[sid] = JSON.stringify(session)
        callback()
      },
      destroy(this: Anything, sid: string, callback: Callback) {
        delete this.kept[sid]
        callback()
      },
    })
    const store = new (Old as Anything)()
    expect([store instanceof Store, store instanceof EventEmitter]).toEqual([true, true])
    const app = await runs(at, { store }, async (req, res) => {
      await steps[req.url!]!(req)
      res.end(JSON.stringify(req.session ?? null))
    })
    const visitor = app.visitor()
    const seen = []
    for (const path of ['/set', '/set', '/new', '/set', '/end', '/'])
      seen.push(essence(await visitor.get(path)))
    return [seen, Object.keys(store.kept)]
  },
  overMemoryStore,
)

same(
  'Store is an emitter without methods that store anything',
  ({ session: { Store, MemoryStore, Session, Cookie } }) => {
    const store = new Store()
    return [
      store instanceof EventEmitter,
      Object.getOwnPropertyNames(Store.prototype)
        .filter((name) => name !== 'constructor')
        .sort(),
      new MemoryStore() instanceof Store,
      [Store, MemoryStore, Session, Cookie].map((each) => [typeof each, each.name]),
    ]
  },
  overMemoryStore,
)

same('while a store is disconnected requests have no session, and go on', async (at) => {
  const app = await runs(at, { saveUninitialized: true }, (req, res) => {
    res.end(`${typeof req.session} ${typeof req.sessionID} ${typeof req.sessionStore}`)
  })
  const visitor = app.visitor()
  const seen = [essence(await visitor.get())]
  for (const event of ['disconnect', 'disconnect', 'connect']) {
    app.store.emit(event)
    seen.push(essence(await visitor.get()))
  }
  expect(seen.map(({ text }) => text.split(' ')[0])).toEqual(['object', 'undefined', 'undefined', 'object'])
  return seen
})

same('one store may serve several middlewares', async (at) => {
  const store = at.store()
  const handler = (req: Req, res: { end(text: string): void }) => {
    req.session.visits = (req.session.visits ?? 0) + 1
    res.end(`${req.sessionID} ${req.session.visits}`)
  }
  const one = await runs(at, { store, name: 'one', genid: () => 'of-one' }, handler)
  const other = await runs(at, { store, name: 'other', genid: () => 'of-other' }, handler)
  const [first, second] = [one.visitor(), other.visitor()]
  const texts = []
  for (const visitor of [first, second, first, second]) texts.push((await visitor.get()).text)
  return texts
})

/** What of the store's fails. */
const failures: Record<
  string,
  { fails: 'get' | 'set' | 'destroy' | 'touch'; path: string; options?: object }
> = {
  'set, of a stored one': { fails: 'set', path: '/set' },
  touch: { fails: 'touch', path: '/' },
  'destroy, with unset of destroy': { fails: 'destroy', path: '/null', options: { unset: 'destroy' } },
  get: { fails: 'get', path: '/' },
}

for (const when of ['at once', 'later']) {
  sameEach(
    `an error ${when} of`,
    failures,
    async (at, { fails, path, options: given = {} }) => {
      const app = await runs(at, given, async (req, res) => {
        await steps[req.url!]!(req)
        res.end('answered')
      })
      const visitor = app.visitor()
      await visitor.get('/set')
      ;(app.store as Anything)[fails] = (...all: Anything[]) => {
        const callback = all.at(-1)
        const error = new Error('out of reach')
        if (when === 'at once') callback(error)
        else setTimeout(callback, 3, error)
      }
      const answer = await visitor.get(path)
      expect((await app.failed()).message).toBe('out of reach')
      expect(app.errors).toHaveLength(1)
      return essence(answer)
    },
    overMemoryStore,
  )
}

sameEach<[fails: string, method: string]>(
  'a method of the session tells its callback of an error of the store:',
  {
    save: ['set', 'save'],
    reload: ['get', 'reload'],
    destroy: ['destroy', 'destroy'],
    regenerate: ['destroy', 'regenerate'],
  },
  async (at, [fails, method]) => {
    const app = await runs(at, {}, async (req, res) => {
      if (req.url === '/set') req.session.a = 1
      else {
        const before = (req.sessionStore as Anything)[fails]
        const own = (...all: Anything[]) => all.at(-1)(new Error('out of reach'))
        Object.assign(req.sessionStore, { [fails]: own })
        const error: Anything = await new Promise((resolve) => void req.session[method](resolve))
        Object.assign(req.sessionStore, { [fails]: before })
        return res.end(JSON.stringify([error.message, req.session ?? null, req.sessionID]))
      }
      return res.end()
    })
    const visitor = app.visitor()
    await visitor.get('/set')
    const seen = [essence(await visitor.get('/call')), essence(await visitor.get('/'))]
    return [seen, messages(app.errors)]
  },
  overMemoryStore,
)

/** What a MemoryStore says to calls, one after the other. */
async function askedInTurn(at: Subject, calls: [method: string, ...rest: unknown[]][]) {
  const store = new at.session.MemoryStore()
  const seen = []
  for (const [method, ...rest] of calls) {
    let within = true
    const said = await new Promise((resolve) => {
      ;(store as Anything)[method](...rest, (...all: unknown[]) => resolve([within, all.map(plain)]))
      within = false
    })
    seen.push([method, said, { ...store.sessions }])
  }
  return seen
}

const plain = (value: unknown) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))
const cookieOf = (ms: number | null) => ({
  originalMaxAge: ms,
  expires: ms === null ? null : new Date(Date.now() + ms),
  httpOnly: true,
  path: '/',
})

same(
  'MemoryStore, call by call',
  (at) =>
    askedInTurn(at, [
      ['get', 'a'],
      ['all'],
      ['length'],
      ['set', 'a', { cookie: cookieOf(1000), n: 1 }],
      ['set', 'b', { cookie: cookieOf(null), n: 2 }],
      ['get', 'a'],
      ['all'],
      ['length'],
      ['touch', 'a', { cookie: cookieOf(5000), n: 9 }],
      ['get', 'a'],
      ['touch', 'none', { cookie: cookieOf(5000) }],
      ['get', 'none'],
      ['set', 'c', { n: 3 }],
      ['get', 'c'],
      ['set', 'gone', { cookie: cookieOf(-1) }],
      ['length'],
      ['get', 'gone'],
      ['destroy', 'a'],
      ['destroy', 'none'],
      ['length'],
      ['clear'],
      ['all'],
    ]),
  overMemoryStore,
)

same(
  'MemoryStore needs no callback where it only does something',
  async (at) => {
    const store = new at.session.MemoryStore()
    store.set('a', { cookie: {}, n: 1 })
    store.touch!('a', { cookie: { path: '/x' } })
    const kept = { ...store.sessions }
    store.destroy('a')
    store.all!()
    store.clear!()
    return [kept, { ...store.sessions }]
  },
  overMemoryStore,
)

same(
  'MemoryStore gives a copy each time',
  async (at) => {
    const store = new at.session.MemoryStore()
    await told((callback) => store.set('a', { cookie: {}, list: [1] }, callback))
    const one = await told((callback) => store.get('a', callback))
    one.list.push(2)
    expect(await told((callback) => store.get('a', callback))).toEqual({ cookie: {}, list: [1] })
  },
  overMemoryStore,
)

same('load gives a session by its id, without a request', async (at) => {
  const app = await runs(at, { cookie: { maxAge: 60_000 } }, (req, res) => {
    req.session.a = 1
    res.end()
  })
  await app.ask()
  const session = await told((callback) => app.store.load('id-1', callback))
  expect(session).toBeInstanceOf(at.session.Session)
  expect(session.cookie).toBeInstanceOf(at.session.Cookie)
  return [
    session.id,
    session.a,
    JSON.stringify(session),
    await told((callback) => app.store.load('none', callback)),
  ]
})

same('what load gave can be changed and saved', async (at) => {
  const app = await runs(at, { cookie: { maxAge: 60_000 } }, (req, res) => {
    req.session.a ??= 1
    res.end(JSON.stringify(req.session))
  })
  const visitor = app.visitor()
  await visitor.get()
  const session = await told((callback) => app.store.load('id-1', callback))
  session.b = 2
  delete session.a
  await told((callback) => session.save(callback))
  expect(await stored(app.store)).toMatchObject({ b: 2 })
  return [essence(await visitor.get()), await told((callback) => session.reload(callback))]
})

same('touch of the store lets a session live on without its values being written', async (at) => {
  const app = await runs(at, { cookie: { maxAge: 60_000 } }, (req, res) => {
    req.session.a ??= 1
    res.end()
  })
  await app.ask()
  passes(50_000)
  const session = await told((callback) => app.store.load('id-1', callback))
  session.lost = true
  session.touch()
  await told((callback) => app.store.touch!('id-1', session, callback))
  passes(50_000)
  const { a, lost } = await stored(app.store)
  return [a, lost]
})

same('a store counts, and forgets all at once', async (at) => {
  const app = await runs(at, {}, (req, res) => {
    req.session.a = 1
    res.end()
  })
  const visitor = app.visitor()
  await visitor.get()
  await app.ask()
  const before = await told((callback) => app.store.length!(callback))
  const all = Object.values(await told((callback) => app.store.all!(callback)))
  await told((callback) => app.store.clear!(callback))
  const { text } = await visitor.get()
  return [before, plain(all), text, await told((callback) => app.store.length!(callback))]
})

same('createSession makes the session of a request, with a cookie that is one', async (at) => {
  const store = at.store()
  const req: Anything = { sessionID: 'id-7', sessionStore: store }
  const cookie = {
    originalMaxAge: 60_000,
    expires: new Date(Date.now() + 1000).toJSON(),
    path: '/a',
    httpOnly: false,
  }
  const session = store.createSession(req, { cookie, a: 1, id: 'not this', save: 'nor this' })
  return [
    session === req.session,
    session.id,
    session instanceof at.session.Session,
    session.cookie instanceof at.session.Cookie,
    session.cookie.expires instanceof Date,
    session.cookie.maxAge,
    typeof session.save,
    JSON.stringify(session),
  ]
})

same(
  'new Session',
  ({ session: { Session } }) => {
    const req = { sessionID: 'id-1' }
    return [undefined, null, 'text', { a: 1, touch: 2, req: 3 }, Object.create({ inherited: 1 })].map(
      (data) => {
        const session = new Session(req, data)
        return [session.id, session.req === req, { ...session }, Object.keys(session)]
      },
    )
  },
  overMemoryStore,
)
