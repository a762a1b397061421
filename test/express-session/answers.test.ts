import { describe, expect, it } from 'vitest'
import session, { type SessionOptions } from '../../src/express-session.ts'
import { memoryStore } from '../../src/memory.ts'
import { sessions } from '../../src/node.ts'
import { ask, serve } from '../adapters/support/server.ts'
import { aWhile } from '../support/a-while.ts'
import { PlainStore } from '../support/plain-store.ts'
import { type Handlers, MIDDLEWARES, type Req, start } from './overlap/application.ts'

const untorn = MIDDLEWARES['untorn/express-session']!

const HANDLERS: Handlers = {
  '/values': (req, res) => {
    const { cookie: _, ...values } = req.session
    res.end(JSON.stringify(values))
  },
  '/begin': (req, res) => {
    req.session.a = 1
    res.end()
  },
}

const circular = (): object => {
  const ring: Record<string, unknown> = {}
  ring.ring = ring
  return ring
}

const UNSAYABLE: Record<string, () => unknown> = {
  'a ring': circular,
  'a BigInt': () => 1n,
  'what throws': () => ({
    toJSON() {
      throw new Error('no')
    },
  }),
}

describe.each([
  ['at once', false],
  ['late', true],
] as const)('a store that answers %s', (_, slow) => {
  const started = (handlers: Handlers, options?: SessionOptions) =>
    start(untorn, new PlainStore({ slow }), { ...HANDLERS, ...handlers }, options)

  it.each(Object.entries(UNSAYABLE))('an answer fails once for %s among the values', async (_, value) => {
    const application = await started({
      '/set': (req, res) => {
        req.session.value = value()
        res.end('set')
      },
    })
    const visitor = application.visitor()
    await visitor.get('/begin')
    expect((await visitor.get('/set')).status).toBe(500)
    await aWhile(20)
    expect(application.errors).toHaveLength(1)
    expect(await visitor.values()).toEqual({ a: 1 })
  })

  it.each(Object.entries(UNSAYABLE))(
    'an answer that has begun ends for %s, which is told once',
    async (_, value) => {
      const application = await started({
        '/set': (req, res) => {
          res.write('be')
          setTimeout(() => {
            req.session.value = value()
            res.end('gun')
          }, 5)
        },
      })
      const visitor = application.visitor()
      await visitor.get('/begin')
      expect((await visitor.get('/set')).text).toBe('begun')
      await aWhile(20)
      expect(application.errors).toHaveLength(1)
      expect(await visitor.values()).toEqual({ a: 1 })
    },
  )

  it('an end that Node.js refuses, when something has changed late, ends no process', async () => {
    const application = await started({
      '/end': (req, res) => {
        res.write('be')
        req.session.b = 2
        setTimeout(() => {
          try {
            res.end(1 as never)
          } catch {
            res.destroy()
          }
        }, 5)
      },
    })
    const visitor = application.visitor()
    await visitor.get('/begin')
    await expect(visitor.get('/end')).rejects.toThrow()
    expect(await visitor.values()).toEqual({ a: 1, b: 2 })
  })
})

describe('two sessions of one request', () => {
  const store = (slow: boolean) => new PlainStore({ slow })

  it.each([false, true])(
    'are told apart: the first, which was put away, sends no cookie of the second (late: %s)',
    async (slow) => {
      const [one, two] = [store(slow), store(slow)].map((store, nth) =>
        session({ store, name: `s${nth}`, secret: 'a secret', resave: false, saveUninitialized: false }),
      )
      const port = await serve((req, res) => {
        one!(req, res, () => {
          const mine = req as Req & { first: Req['session'] }
          mine.first = mine.session
          delete (mine as Partial<Req>).session
          two!(req, res, () => {
            mine.session.visits = (mine.session.visits ?? 0) + 1
            res.end(String(mine.session.visits))
          })
        })
      })
      const cookies = (await ask(port)).setCookies.map((line) => line.split(';')[0])
      expect(cookies).toHaveLength(1)
      expect((await ask(port, { headers: { cookie: cookies.join('; ') } })).text).toBe('2')
    },
  )

  it.each(['before', 'behind'])('are each kept, one of untorn/node %s it', async (where) => {
    const other = sessions({ store: memoryStore(), as: 'other' } as never) as never as (
      req: unknown,
      res: unknown,
      next: (error?: unknown) => void,
    ) => void
    const dropIn = session({
      store: memoryStore(),
      secret: 'a secret',
      resave: false,
      saveUninitialized: false,
    }) as typeof other
    const [first, second] = where === 'before' ? [other, dropIn] : [dropIn, other]
    const port = await serve((req, res) => {
      first(req, res, () => {
        second(req, res, (error) => {
          if (error) return res.writeHead(500).end(String(error))
          const both = req as Req & {
            other: { set(name: string, value: number): void; get(name: string): number }
          }
          both.session.n = (both.session.n ?? 0) + 1
          both.other.set('n', (both.other.get('n') ?? 0) + 2)
          return res.end(`${both.session.n} ${both.other.get('n')}`)
        })
      })
    })
    const answer = await ask(port)
    expect(answer).toMatchObject({ status: 200, text: '1 2' })
    const cookie = answer.setCookies.map((line) => line.split(';')[0]).join('; ')
    expect((await ask(port, { headers: { cookie } })).text).toBe('2 4')
  })
})
