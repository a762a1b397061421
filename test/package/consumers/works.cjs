// A little work for each entry of the package, whoever has loaded it: what was loaded is handed in. CommonJS, so that
// whatever loads a program can load this.
const assert = require('node:assert/strict')
const { EventEmitter } = require('node:events')
const { mkdtempSync, readdirSync, rmSync } = require('node:fs')
const { createServer } = require('node:http')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

const KEY = 'a'.repeat(64)

exports.works = {
  untorn: async ({ createSessions, union }) => {
    await inFolder(async (folder) => {
      process.chdir(folder)
      const sessions = createSessions({ merge: { cart: union } })
      const session = await sessions.open(undefined)
      session.set('user', 'Ada')
      const [cookie] = (await session.commit()).split(';')
      assert.equal((await sessions.open(cookie)).get('user'), 'Ada')
      await sessions.close()
    })
  },

  'untorn/adonisjs': ({ untornStore }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const store = untornStore()({}, { age: '1h' })
      await store.write('an id', { user: 'Ada' })
      assert.deepEqual(await store.read('an id'), { user: 'Ada' })
      await store.destroy('an id')
      assert.equal(await store.read('an id'), null)
    }),

  'untorn/astro': ({ default: driver }) =>
    inFolder(async (directory) => {
      const { setItem, getItem } = driver({ directory })
      const text = '[["Map",1,2],"user",{"data":3,"expires":-1},"ann"]'
      await setItem('an-id', text)
      assert.equal(await getItem('an-id'), text)
    }),

  'untorn/better-auth': ({ secondaryStorage }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const storage = secondaryStorage()
      assert.equal(await storage.increment('a|b', 10), 1)
      assert.equal(await storage.increment('a|b', 10), 2)
    }),

  'untorn/copy': async ({ copySessions, moveSessions, verifySessions }) => {
    const [from, to] = [new Map([[KEY, record()]]), new Map()].map(smallStore)
    assert.equal((await copySessions({ from, to })).copied, 1)
    assert.equal((await verifySessions({ from, to })).ok, true)
    assert.equal(typeof moveSessions, 'function')
  },

  'untorn/elysia': ({ sessions }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const plugin = sessions()
      assert.throws(() => plugin({}), { code: 'UNTORN_MISUSE', message: /plugin of Elysia/ })
      // As much of an application as Elysia makes: what goes around it, and two hooks.
      const hooks = {}
      plugin({
        decorator: {},
        wrap: (around) => void Object.assign(hooks, { around }),
        derive: (derive) => void Object.assign(hooks, { derive }),
        onAfterHandle: (after) => void Object.assign(hooks, { after }),
      })
      const serve = hooks.around(async (request) => {
        const { session } = await hooks.derive({ request })
        session.views = (session.views ?? 0) + 1
        await hooks.after({ request, set: { headers: {} } })
        return new Response(String(session.views))
      })
      const visit = (cookie) => serve(new Request('https://shop.example/', { headers: { cookie } }))
      const [line] = (await visit('')).headers.getSetCookie()
      assert.equal(await (await visit(line.split(';')[0])).text(), '2')
      await plugin.close()
    }),

  'untorn/express': ({ sessions }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const app = require('express')()
      const session = sessions()
      app.use(session)
      app.get('/', view)
      await counts(app, () => session.close())
    }),

  // What `require` gives is the function; what `import * as` gives has it as `default`.
  'untorn/express-session': (entry) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const session = typeof entry === 'function' ? entry : entry.default
      for (const name of ['Cookie', 'MemoryStore', 'Session', 'Store', 'untornStore']) {
        assert.equal(session[name], entry[name])
      }
      class Own extends session.Store {}
      assert.ok(new Own() instanceof session.Store && new session.MemoryStore() instanceof session.Store)
      const app = require('express')()
      app.use(session({ secret: 'hush', resave: false, saveUninitialized: false }))
      app.get('/', view)
      await counts(app, () => {})
    }),

  'untorn/fastify': ({ sessions, sessionOf }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      assert.throws(() => sessions({ trustProxy: true }), {
        code: 'UNTORN_INVALID_OPTION',
        option: 'trustProxy',
      })
      assert.throws(() => sessionOf({}), { code: 'UNTORN_MISUSE' })
      const plugin = sessions()
      assert.equal(plugin[Symbol.for('skip-override')], true)
      const hooks = {}
      await plugin(fastifyApp(hooks), {})
      const serve = async (raw, response) => {
        const request = { raw, method: raw.method, protocol: 'http' }
        const reply = replyOf(response)
        await hooks.onRequest(request, reply, () => {})
        const session = sessionOf(request)
        session.views = (session.views ?? 0) + 1
        await hooks.onSend(request, reply, '', () => {})
        response.end(`${session.views} views`)
      }
      await counts(serve, () => plugin.close())
    }),

  'untorn/fetch': ({ sessions }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const app = sessions()
      const visit = (cookie) =>
        app.handle(new Request('https://shop.example/', { headers: { cookie } }), (session) => {
          session.views = (session.views ?? 0) + 1
          return new Response(String(session.views))
        })
      const [line] = (await visit('')).headers.getSetCookie()
      assert.equal(await (await visit(line.split(';')[0])).text(), '2')
      await app.close()
    }),

  'untorn/file': ({ fileStore }) => inFolder((folder) => keeps(fileStore(folder))),

  'untorn/formats': ({ sessionFileStore }) =>
    inFolder(async (folder) => {
      const source = sessionFileStore(folder)
      for await (const found of source.records()) assert.fail(found)
      await source.close()
    }),

  'untorn/h3': ({ sessionOf, sessions }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const session = sessions()
      const visit = async (cookie) => {
        const event = {
          context: {},
          req: new Request('https://shop.example/', { headers: { cookie } }),
          url: new URL('https://shop.example/'),
          res: { headers: new Headers(), errHeaders: new Headers() },
        }
        const views = await session(event, () => {
          event.context.session.views = (sessionOf(event).views ?? 0) + 1
          return event.context.session.views
        })
        return [views, ...event.res.headers.getSetCookie()]
      }
      const [, line] = await visit('')
      assert.deepEqual(await visit(line.split(';')[0]), [2])
      assert.throws(() => session.install({}), { code: 'UNTORN_MISUSE' })
      await session.close()
    }),

  'untorn/hono': ({ sessions }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const middleware = sessions()
      const visit = async (cookie) => {
        const c = contextOf(new Request('https://shop.example/', { headers: { cookie } }))
        await middleware(c, async () => {
          const session = c.get('session')
          session.views = (session.views ?? 0) + 1
          c.res = new Response(String(session.views))
        })
        return c.res
      }
      const [line] = (await visit('')).headers.getSetCookie()
      assert.equal(await (await visit(line.split(';')[0])).text(), '2')
      await middleware.close()
    }),

  'untorn/koa': ({ sessions, sessionOf }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const session = sessions()
      // As much of a context as Koa makes of a request.
      const serve = async (req, res) => {
        const ctx = { app: { proxy: false }, req, res, method: req.method, secure: false, onerror() {} }
        await session(ctx, async () => void sessionOf(ctx).update('views', (views = 0) => views + 1))
        res.end(`${sessionOf(ctx).views} views`)
      }
      await counts(serve, () => session.close())
    }),

  'untorn/koa-session': ({ untornStore }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const store = untornStore()
      await store.set('an id', { user: 'ann' }, 1000)
      assert.deepEqual(await store.get('an id'), { user: 'ann' })
      await store.close()
    }),

  'untorn/memory': ({ memoryStore }) => keeps(memoryStore()),

  'untorn/moving': async ({ moving, moveSessions }) => {
    const [from, to] = [new Map(), new Map()].map(smallStore)
    await keeps(moving({ from, to }))
    refuses(() => moving({ from, to: from }), 'to')
    assert.equal((await moveSessions({ from, to })).left, 0)
  },

  'untorn/next': async ({ sessions }) => {
    refuses(() => sessions({ secret: 'hush' }), 'secret')
    const { withSession, close } = sessions()
    await assert.rejects(withSession(() => 'no request')())
    await close()
  },

  'untorn/nextjs-auth0': ({ sessionStore }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const store = sessionStore()
      const session = { user: { sub: 'ada' }, internal: { sid: '1', createdAt: Date.now() / 1000 } }
      await store.set('an id', session)
      assert.deepEqual(await store.get('an id'), session)
      await store.deleteByLogoutToken({ sid: '1' })
      assert.equal(await store.get('an id'), null)
    }),

  'untorn/node': ({ sessions }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const session = sessions()
      await counts(session(view), () => session.close())
    }),

  'untorn/postgres': ({ postgresStore, tableSql }) => {
    assert.match(tableSql(), /create table/i)
    refuses(() => postgresStore({ pool: {} }), 'pool')
  },

  'untorn/react-router': async ({ sessions, untornStorage }) => {
    const store = smallStore(new Map())
    const { createData, readData } = untornStorage(store)
    assert.equal((await readData(await createData({ user: 'Ada' }))).user, 'Ada')
    const app = sessions({ store })
    const contexts = new Map()
    const context = { get: (key) => contexts.get(key), set: (key, value) => contexts.set(key, value) }
    const answer = await app.middleware(
      { request: new Request('https://shop.example/'), context },
      async () => {
        app.getSession(context).user = 'Ada'
        return new Response('ok')
      },
    )
    assert.equal(answer.headers.getSetCookie().length, 1)
    await app.close()
  },

  'untorn/redis': ({ redisStore }) => refuses(() => redisStore({ client: {} }), 'client'),

  'untorn/remix': ({ sessionStorage }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      // As much of a session as Remix makes.
      const createSession = (id = 'an id', data = [{}, {}]) => ({ id, data, dirty: true, destroyed: false })
      const { read, save } = sessionStorage(createSession)
      const session = await read(null)
      session.data[0].user = 'Ada'
      assert.deepEqual((await read(await save(session))).data, [{ user: 'Ada' }, {}])
    }),

  'untorn/sveltekit': ({ sessionOf, sessions }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const handle = sessions()
      assert.equal(readdirSync(folder).length, 0)
      const visit = (cookie) => {
        const request = new Request('https://shop.example/', { headers: { cookie } })
        const event = { request, locals: {}, cookies: { set: assert.fail }, isSubRequest: false }
        return handle({
          event,
          resolve: ({ locals }) => {
            locals.session.views = (sessionOf(event).views ?? 0) + 1
            return new Response(String(locals.session.views))
          },
        })
      }
      const [line] = (await visit('')).headers.getSetCookie()
      assert.equal(await (await visit(line.split(';')[0])).text(), '2')
      assert.equal(readdirSync(folder).join(), '.sessions')
      await handle.close()
    }),

  'untorn/tanstack-start': async ({ sessions }) => {
    const app = sessions({ store: smallStore(new Map()) })
    const { response } = await app.handle(new Request('https://shop.example/'), async (session) => {
      session.user = 'Ada'
      return { response: new Response('ok') }
    })
    assert.equal(response.headers.getSetCookie().length, 1)
    await app.close()
  },

  'untorn/testing': async ({ adapterConformance, storeConformance }) => {
    const [first] = storeConformance({ open: () => assert.fail('opened') })
    await assert.rejects(async () => first.run(), /opened/)
    const [served] = adapterConformance({ serve: () => assert.fail('served') })
    await assert.rejects(async () => served.run(), /served/)
  },

  'untorn/unstorage': ({ untornDriver }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const driver = untornDriver()
      await driver.setItem('a:b', '1')
      assert.deepEqual(await driver.getKeys(), ['a:b'])
      await driver.dispose()
    }),

  'untorn/websocket': ({ sessions }) =>
    inFolder(async (folder) => {
      process.chdir(folder)
      const live = sessions()
      const connection = { once() {} }
      const socket = Object.assign(new EventEmitter(), { close: (...args) => assert.fail(args) })
      const opened = await live.attach(socket, { headers: { upgrade: 'websocket' }, socket: connection })
      assert.equal(await opened.handle((session) => session.isNew), true)
      const foreign = { headers: { origin: 'null' }, socket: connection }
      await assert.rejects(live.open(foreign), { code: 'UNTORN_FOREIGN_ORIGIN' })
      refuses(() => sessions({ origins: 'any' }), 'origins')
      await live.close()
    }),
}

/** As much of an instance of Fastify's as it takes. */
function fastifyApp(hooks) {
  return {
    hasRequestDecorator: () => false,
    decorateRequest() {},
    addHook: (name, hook) => void Object.assign(hooks, { [name]: hook }),
  }
}

/** And of its reply. */
function replyOf(raw) {
  return {
    raw,
    sent: false,
    getHeader: (name) => raw.getHeader(name),
    header: (name, value) => raw.setHeader(name, value),
    removeHeader: (name) => raw.removeHeader(name),
  }
}

/** As much of a context of Hono's as it takes. */
function contextOf(raw) {
  const variables = new Map()
  return {
    req: { raw },
    get: (name) => variables.get(name),
    set: (name, value) => void variables.set(name, value),
  }
}

function view(req, res) {
  req.session.views = (req.session.views ?? 0) + 1
  res.end(`${req.session.views} views`)
}

function record() {
  const now = Date.now()
  return { values: new Map([['user', '"Ada"']]), createdAt: now, expiresAt: now + 60_000 }
}

/** As much of a store as it takes here, since an entry brings none of the others along. */
function smallStore(records) {
  return {
    create: (key, made) => !records.has(key) && Boolean(records.set(key, { version: 0, ...made })),
    load: (key) => records.get(key),
    save: () => ({ outcome: 'gone' }),
    exists: (key) => records.has(key),
    delete: (key) => records.delete(key),
    clearExpired: async () => ({ scanned: 0, removed: 0 }),
    records: async function* () {
      yield* records
    },
    close() {},
  }
}

async function keeps(store) {
  await store.create(KEY, record())
  assert.equal((await store.load(KEY)).values.get('user'), '"Ada"')
  await store.close()
}

function refuses(call, option) {
  assert.throws(call, { name: 'InvalidOptionError', code: 'UNTORN_INVALID_OPTION', option })
}

/** Two requests of one browser. */
async function counts(handler, close) {
  const server = createServer(handler)
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${server.address().port}/`
  const first = await fetch(url)
  assert.equal(await first.text(), '1 views')
  const [cookie] = first.headers.getSetCookie()[0].split(';')
  const second = await fetch(url, { headers: { cookie } })
  assert.equal(await second.text(), '2 views')
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
  await close()
}

async function inFolder(work) {
  const before = process.cwd()
  const folder = mkdtempSync(join(tmpdir(), 'untorn-works-'))
  try {
    await work(folder)
  } finally {
    process.chdir(before)
    rmSync(folder, { recursive: true, force: true })
  }
}
