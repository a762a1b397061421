import { fileURLToPath } from 'node:url'
import type { Express, Request, Response } from 'express'
import { describe, expect, test } from 'vitest'
import { warnings } from '../support/warnings.ts'
import { everywhere, runs, signal } from './support/application.ts'
import { later } from './support/server.ts'

const here = fileURLToPath(import.meta.url)

/** The line that this is called from, as the library names it. */
function thisLine(offset = 0): RegExp {
  const [, line] = /late-change\.test\.ts:(\d+)/.exec(new Error().stack!.split('\n')[2]!)!
  return new RegExp(`${here.replaceAll('.', '\\.')}:${Number(line) + offset}:\\d+$`)
}

// First, since it is said once in a process.
test('the first change that comes too late is a warning that names its line and the fix; the next ones are none', async () => {
  const seen = warnings()
  const { visitor } = await runs((app) => {
    app.get('/', (req, res) => {
      res.send('hello')
      req.session.views = 1
    })
  })
  for (const _ of [1, 2]) await visitor().get('/')
  await later()
  expect(seen).toHaveLength(1)
  const [{ message, ...rest }] = seen as [Error]
  expect(rest).toMatchObject({ code: 'UNTORN_LATE_CHANGE' })
  expect(message).toMatch(new RegExp(`changed at ${here.replaceAll('.', '\\.')}:\\d+:\\d+ after`))
  expect(message).toMatch('await req.session.save()')
})

describe.each(everywhere)('$name with $speed', ({ express, store }) => {
  /** What `onEvent` is told of a request that does this, for a visitor who is signed in. */
  async function eventsOf(handler: (req: Request, res: Response) => unknown) {
    const handled = signal()
    const closed = signal()
    const mount = (app: Express) => {
      app.get('/login', (req, res) => {
        req.session.user = 'ada'
        req.session.list = [1]
        res.send('hello')
      })
      app.get('/', async (req, res) => {
        res.on('close', closed.resolve)
        await handler(req, res)
        handled.resolve()
      })
    }
    const { visitor, events } = await runs(mount, { express, store: store() })
    const browser = visitor()
    await browser.get('/login')
    events.length = 0
    await browser.get('/')
    await Promise.all([handled.promise, closed.promise])
    await later()
    return { events: [...events], session: await browser.json('/session') }
  }

  test('a change after the answer is reported, once, with its line', async () => {
    let line = /nowhere/
    const { events } = await eventsOf((req, res) => {
      res.send('hello')
      line = thisLine(1)
      req.session.views = 1
      req.session.views = 2
      req.session.set('user', 'bob')
    })
    expect(events).toEqual([
      { type: 'late-change', key: expect.stringMatching(/^[0-9a-f]{8}$/), at: expect.stringMatching(line) },
    ])
  })

  test.each<[string, (req: Request) => unknown]>([
    ['delete', (req) => delete req.session.user],
    ['update', (req) => req.session.update('views', () => 5)],
    ['clear', (req) => req.session.clear()],
    ['setExpiry', (req) => req.session.setExpiry('2h')],
  ])('%s after the answer is reported', async (_name, change) => {
    const { events } = await eventsOf(async (req, res) => {
      res.send('hello')
      await later(30)
      change(req)
    })
    expect(events).toMatchObject([{ type: 'late-change', at: expect.stringMatching(here) }])
  })

  test('a change inside of a value after the answer is reported', async () => {
    const { events } = await eventsOf((req, res) => {
      const { list } = req.session
      res.send('hello')
      list!.push(2)
    })
    expect(events).toEqual([{ type: 'late-change', key: expect.any(String) }])
  })

  test('what the handler saves itself is not reported, and is there', async () => {
    const { events, session } = await eventsOf(async (req, res) => {
      res.send('hello')
      req.session.views = 1
      req.session.list!.push(2)
      await req.session.save()
    })
    expect(events).toEqual([])
    expect(session).toEqual({ user: 'ada', list: [1, 2], views: 1 })
  })

  test('what changes nothing, or is dropped by reload, is not reported', async () => {
    const { events } = await eventsOf(async (req, res) => {
      res.send('hello')
      req.session.user = 'ada'
      req.session.views = 1
      await req.session.reload()
    })
    expect(events).toEqual([])
  })

  test('what is still being committed with the answer is not reported', async () => {
    const { events, session } = await eventsOf((req, res) => {
      req.session.views = 1
      res.send('hello')
      req.session.user = 'ada'
    })
    expect(events).toEqual([])
    expect(session).toEqual({ user: 'ada', list: [1], views: 1 })
  })
})

test.each<[string, (req: Request) => RegExp]>([
  [
    'Object.assign',
    (req) => {
      Object.assign(req.session, { views: 1 })
      return thisLine(-1)
    },
  ],
  [
    'Object.defineProperty',
    (req) => {
      Object.defineProperty(req.session, 'views', { value: 1 })
      return thisLine(-1)
    },
  ],
  [
    'an assignment to the cookie',
    (req) => {
      req.session.cookie.maxAge = 5000
      return thisLine(-1)
    },
  ],
])('a change by %s is reported with its line', async (_name, change) => {
  let line = /nowhere/
  const { visitor, events } = await runs((app) => {
    app.get('/', (req, res) => {
      req.session.user = 'ada'
      res.send('hello')
      line = change(req)
    })
  })
  await visitor().get('/')
  await expect
    .poll(() => events.at(-1))
    .toMatchObject({ type: 'late-change', at: expect.stringMatching(line) })
})

test('a save after the answer that fails, and that nobody waits for, is the event `error`', async () => {
  const { breakable } = await import('./support/stores.ts')
  const { store, broken } = breakable()
  const { visitor, events } = await runs(
    (app) => {
      app.get('/login', (req, res) => {
        req.session.user = 'ada'
        res.send('hello')
      })
      app.get('/', (req, res) => {
        res.send('hello')
        broken.add('save')
        req.session.views = 1
        void req.session.save()
      })
    },
    { store },
  )
  const browser = visitor()
  await browser.get('/login')
  await browser.get('/')
  await expect
    .poll(() => events.at(-1))
    .toMatchObject({ type: 'error', error: { code: 'UNTORN_STORE_UNAVAILABLE' } })
})
