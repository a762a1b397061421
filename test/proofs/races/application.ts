import type Express from 'express'
import type { Express as App, RequestHandler } from 'express'
import type { sessions } from '../../../src/express.ts'
import type {
  AnyData,
  counter,
  Serializer,
  SessionKey,
  SessionStore,
  sessionKey,
  union,
} from '../../../src/index.ts'
import { type Action, actions, higher } from './actions.ts'
import { Gates } from './gates.ts'

/** What the application takes of the package: as it stands in src/, or in another process as it ships. */
export interface Library {
  sessions: typeof sessions
  counter: typeof counter
  union: typeof union
  sessionKey: typeof sessionKey
}

/** Where a request can be held: `arrived` before anybody has opened its session, `opened` before it has changed anything. */
export type Point = 'arrived' | 'opened'

export interface Ingredients {
  express: typeof Express
  library: Library
  store: SessionStore
  /** Stands before everything else. */
  first?: RequestHandler
  /** In place of JSON. */
  serializer?: Serializer
}

/** The application that all races run on: one route for each action, and beside them what the test controls it by. */
export function application({ express, library, store, first, serializer }: Ingredients): App {
  const gates = new Gates()
  const observed = observe(store)
  const app = express()
  if (first) app.use(first)
  app.use(express.json({ strict: false }))
  app.use('/control', controls(express, gates, observed, library))
  const hold = (point: Point): RequestHandler => {
    return async (req, _res, next) => {
      if (req.get('x-hold') === point) await gates.pass(req.get('x-gate')!)
      next()
    }
  }
  app.use(hold('arrived'))
  const { counter, union } = library
  app.use(
    library.sessions<AnyData>({
      store: observed.store,
      onEvent: ({ type }) => void observed.events.push(type),
      merge: { points: counter, cart: union, bid: higher },
      ...(serializer && { serializer }),
    }),
  )
  const open: RequestHandler = (req, res, next) => {
    res.locals.left = values(req).left
    next()
  }
  app.post('/:action', open, hold('opened'), async (req, res, next) => {
    try {
      const act = actions[req.params.action as Action] as (session: unknown, value: unknown) => unknown
      const result = await act(req.session, req.body)
      res.json({ left: res.locals.left, result, session: values(req) })
    } catch (error) {
      next(error)
    }
  })
  return app
}

function values(req: { session: object }): Record<string, unknown> {
  return { ...req.session }
}

/** A store whose writes are counted, and the events of its sessions. */
interface Observed {
  store: SessionStore
  seen: { writes: number }
  events: string[]
}

function observe(store: SessionStore): Observed {
  const seen = { writes: 0 }
  const counted = new Set<string | symbol>(['create', 'save', 'delete'])
  const proxy = new Proxy(store, {
    get(_target, name) {
      const member: unknown = Reflect.get(store, name, store)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        if (counted.has(name)) seen.writes++
        return Reflect.apply(member, store, args)
      }
    },
  })
  return { store: proxy, seen, events: [] }
}

function controls(express: typeof Express, gates: Gates, observed: Observed, { sessionKey }: Library) {
  const router = express.Router()
  router.post('/reached', async (req, res) => {
    await gates.reached(req.body)
    res.json(true)
  })
  router.post('/open', (req, res) => {
    gates.open(req.body)
    res.json(true)
  })
  /** What was seen since it was asked for last. */
  router.post('/seen', (_req, res) => {
    res.json({ writes: observed.seen.writes, events: observed.events.splice(0) })
    observed.seen.writes = 0
  })
  /** Through the store, and not by waiting: its clock may not be this machine's. */
  router.post('/expire', async (req, res) => {
    const key: SessionKey = sessionKey(req.body)
    await observed.store.save(key, { expiresAt: Date.now() - 1 })
    res.json(true)
  })
  return router
}
