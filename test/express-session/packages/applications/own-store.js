import connectPgSimple from 'connect-pg-simple'
import { RedisStore } from 'connect-redis'
import createMemoryStore from 'memorystore'
import pg from 'pg'
import { createClient } from 'redis'
import sessionFileStore from 'session-file-store'

/** As applications write one: with callbacks, and of the methods that may be left out, none. */
const storeOfMaps = (session) =>
  class StoreOfMaps extends session.Store {
    #sessions = new Map()

    get(sid, callback) {
      const text = this.#sessions.get(sid)
      setImmediate(callback, null, text && JSON.parse(text))
    }

    set(sid, data, callback) {
      this.#sessions.set(sid, JSON.stringify(data))
      setImmediate(callback)
    }

    destroy(sid, callback) {
      this.#sessions.delete(sid)
      setImmediate(callback)
    }
  }

/** The stores that applications have, each made as its guide says, and what has to be ended with it. */
const stores = {
  async 'connect-redis'(_session, { redis }) {
    const client = await createClient({ url: redis }).connect()
    return { store: new RedisStore({ client }), end: () => client.destroy() }
  },
  'connect-pg-simple'(session, { postgres }) {
    const pool = new pg.Pool({ connectionString: postgres })
    const Store = connectPgSimple(session)
    const store = new Store({ pool, createTableIfMissing: true, pruneSessionInterval: false })
    return { store, end: () => pool.end() }
  },
  'session-file-store'(session, { directory }) {
    const Store = sessionFileStore(session)
    const options = { path: directory, retries: 0, reapInterval: -1, logFn: () => {} }
    return { store: new Store(options), end: () => {} }
  },
  'a class of its own'(session) {
    const Store = storeOfMaps(session)
    return { store: new Store(), end: () => {} }
  },
  memorystore(session) {
    const Store = createMemoryStore(session)
    const store = new Store({ checkPeriod: 3_600_000 })
    return { store, end: () => store.stopInterval() }
  },
}

/** An application that brings its own store: of that `kind`, at one of the `places`; `atEnd` is told how to end it. */
export default async function application({ express, session, gate, kind, places, atEnd }) {
  const { store, end } = await stores[kind](session, places)
  atEnd(end)
  const app = express()
  app.use(
    session({
      secret: 'a secret of the application',
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 3_600_000 },
      store,
    }),
  )
  app.post('/login/:name', (req, res, next) => {
    req.session.regenerate((error) => {
      if (error) return next(error)
      req.session.user = req.params.name
      res.end()
    })
  })
  app.post('/logout', (req, res, next) => {
    req.session.destroy((error) => (error ? next(error) : res.end()))
  })
  app.post('/add', (req, res) => {
    req.session.cart = [...(req.session.cart ?? []), 'a book']
    res.end()
  })
  app.post('/note-slowly', async (req, res) => {
    await gate.pass()
    req.session.note = 'slow'
    res.end()
  })
  app.get('/reloaded', async (req, res, next) => {
    req.session.cart = ['nothing']
    await gate.pass()
    req.session.reload((error) => (error ? next(error) : res.json({ cart: req.session.cart })))
  })
  app.get('/lives', (req, res) => res.json({ lives: req.session.cookie.maxAge }))
  app.get('/', (req, res) => {
    // session-file-store notes in the session when it was used.
    const { cookie, __lastAccess, ...values } = req.session
    res.json(values)
  })
  return app
}
