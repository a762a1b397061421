import type { Express, Request, Response } from 'express'
import { describe, expect, test } from 'vitest'
import { sessionKey } from '../../src/contract/key.ts'
import type { SessionStore } from '../../src/contract/store.ts'
import { everywhere, runs, signal } from './support/application.ts'
import { breakable } from './support/stores.ts'

let served: { store: SessionStore } | undefined

const misuse = expect.objectContaining({ code: 'UNTORN_MISUSE' })

describe.each(everywhere)('when the response has begun: $name with $speed', ({ express, store }) => {
  /** What becomes of a request that does this for a visitor, signed in before or not. */
  async function outcomeOf(
    answer: (req: Request, res: Response) => unknown,
    { signedIn = true, before = (_req: Request): void => {}, rolling = true } = {},
  ) {
    const outcome = signal<{ error?: Error }>()
    const mount = (app: Express) => {
      app.get('/login', (req, res) => {
        req.session.user = 'ada'
        before(req)
        res.send('hello')
      })
      app.get('/', (req, res) => {
        void (async () => answer(req, res))().then(
          () => outcome.resolve({}),
          (error) => outcome.resolve({ error }),
        )
      })
    }
    served = { store: store() }
    const { visitor, events } = await runs(mount, { express, rolling, ...served })
    const browser = visitor()
    if (signedIn) await browser.get('/login')
    events.length = 0
    await browser.get('/')
    const { error } = await outcome.promise
    return { error, types: () => events.map(({ type }) => type), session: await browser.json('/session') }
  }

  test('a new id is refused: the visitor stays signed in, with the old one', async () => {
    const { error, session, types } = await outcomeOf(async (req, res) => {
      res.send('hello')
      await req.session.regenerate()
    })
    expect(error).toMatchObject({
      code: 'UNTORN_MISUSE',
      message: expect.stringMatching(/before you answer/),
    })
    expect(session).toEqual({ user: 'ada' })
    expect(types()).not.toContain('rotated')
  })

  test.each<[string, (req: Request) => void]>([
    ['the browser', (req) => req.session.setExpiry('browser')],
    ['the options, before which it was the browser', (req) => req.session.setExpiry(undefined)],
    ['a later end', (req) => req.session.setExpiry(new Date(Date.now() + 2 * 3_600_000))],
  ])('an expiry with %s, which the cookie would have to tell, is refused', async (end, change) => {
    const before = /before/.test(end) ? ('browser' as const) : new Date(Date.now() + 3_600_000)
    const { error, session } = await outcomeOf(
      async (req, res) => {
        res.send('hello')
        change(req)
        await req.session.save()
      },
      { before: (req) => req.session.setExpiry(before) },
    )
    expect(error).toMatchObject({
      code: 'UNTORN_MISUSE',
      message: expect.stringMatching(/setExpiry.*before you answer/),
    })
    expect(session).toEqual({ user: 'ada' })
  })

  test('an idle timeout of its own, which only the server keeps, can be saved', async () => {
    const { error } = await outcomeOf(async (req, res) => {
      res.send('hello')
      req.session.setExpiry('2h')
      expect(await req.session.save()).toBe(true)
    })
    expect(error).toBeUndefined()
  })

  test('touch() says whether it has extended anything', async () => {
    const told: Record<string, unknown> = {}
    await outcomeOf(async (req, res) => {
      res.send('hello')
      told.stored = await req.session.touch()
      req.session.views = 1
      told.changed = await req.session.touch()
      told.saved = await req.session.save()
      await req.session.destroy()
      told.destroyed = await req.session.touch()
    })
    await outcomeOf(
      async (req, res) => {
        res.send('hello')
        told.none = await req.session.touch()
      },
      { signedIn: false },
    )
    expect(told).toEqual({ stored: true, changed: false, saved: true, destroyed: false, none: false })
  })

  test('touch() of a session that was signed out elsewhere is false, and a callback gets the error', async () => {
    const told: unknown[] = []
    const events = await outcomeOf(
      async (req, res) => {
        res.send('hello')
        const { store } = served!
        await store.delete(sessionKey(req.session.id))
        told.push(await req.session.touch())
        await new Promise<void>((done) =>
          req.session.touch((error) => {
            told.push((error as { code?: string } | undefined)?.code)
            done()
          }),
        )
      },
      { rolling: false },
    )
    expect(events.error).toBeUndefined()
    expect(told).toEqual([false, 'UNTORN_SESSION_GONE'])
  })

  test('a new id is refused in the middle of a stream, and a callback is told so', async () => {
    const { error, session } = await outcomeOf(async (req, res) => {
      res.write('one ')
      await new Promise<void>((done, failed) =>
        req.session.regenerate((e) => (e ? failed(e) : done())),
      ).finally(() => res.end('two'))
    })
    expect(error).toEqual(misuse)
    expect(session).toEqual({ user: 'ada' })
  })

  test('that a new id was refused is the event `error` where nobody waits for it', async () => {
    const { types } = await outcomeOf(async (req, res) => {
      res.send('hello')
      void req.session.regenerate()
    })
    await expect.poll(types).toEqual(['error'])
  })

  test('a new session is not stored: nobody could find it', async () => {
    const { error, session, types } = await outcomeOf(
      async (req, res) => {
        res.send('hello')
        req.session.views = 1
        await req.session.save()
      },
      { signedIn: false },
    )
    expect(error).toMatchObject({
      code: 'UNTORN_MISUSE',
      message: expect.stringMatching(/before you answer/),
    })
    expect(session).toEqual({})
    await expect.poll(types).toContain('late-change')
    expect(types()).not.toContain('created')
  })

  test('nor is one that comes after a sign-out, which works', async () => {
    const { error, session, types } = await outcomeOf(async (req, res) => {
      res.send('hello')
      await req.session.destroy()
      req.session.views = 1
      await req.session.save()
    })
    expect(error).toEqual(misuse)
    expect(session).toEqual({})
    expect(types()).toContain('signed-out')
    expect(types()).not.toContain('created')
  })

  test('a new session whose cookie is on its way may save more', async () => {
    const { error, session } = await outcomeOf(
      async (req, res) => {
        req.session.views = 1
        res.send('hello')
        req.session.list = [1]
        await req.session.save()
        req.session.list.push(2)
        await req.session.save()
      },
      { signedIn: false },
    )
    expect(error).toBeUndefined()
    expect(session).toEqual({ views: 1, list: [1, 2] })
  })

  test('saving nothing, reading again and signing out are no cookie’s business', async () => {
    const { error } = await outcomeOf(
      async (req, res) => {
        res.send('hello')
        await req.session.save()
        req.session.views = 1
        await req.session.reload()
        await req.session.destroy()
      },
      { signedIn: false },
    )
    expect(error).toBeUndefined()
  })
})

test('an error handler that saves a new session, in the place of one that could not be saved, is told', async () => {
  const { store, broken } = breakable()
  const refused = signal<unknown>()
  const { visitor, events } = await runs(
    (app) => {
      app.get('/', (req, res) => {
        req.session.views = 1
        res.send('hello')
      })
      app.use(((_error, req, res, _next) => {
        broken.clear()
        req.session.save().then(() => refused.resolve(undefined), refused.resolve)
        res.send('sorry')
      }) as import('express').ErrorRequestHandler)
    },
    { store },
  )
  broken.add('create')
  expect(await visitor().get('/')).toMatchObject({ status: 500, text: 'sorry', setCookies: [] })
  expect(await refused.promise).toEqual(misuse)
  expect(events.map(({ type }) => type)).not.toContain('created')
})

test('a new id that could not be had is not taken later, by a save or for a client that has left', async () => {
  const { store, broken } = breakable()
  const saved = signal<unknown>()
  const left = signal()
  const mount = (app: Express) => {
    app.get('/login', (req, res) => {
      req.session.user = 'ada'
      res.send('hello')
    })
    app.get('/late', async (req, res) => {
      broken.add('save')
      await req.session.regenerate().catch(() => {})
      res.send('try again')
      broken.clear()
      req.session.save().then(saved.resolve, saved.resolve)
    })
    app.get('/leaves', async (req, res) => {
      broken.add('save')
      await req.session.regenerate().catch(() => {})
      broken.clear()
      res.on('close', () => left.resolve())
      res.socket?.destroy()
    })
  }
  const { visitor } = await runs(mount, { express: everywhere[0]!.express, store })
  const browser = visitor()
  await browser.get('/login')
  expect(await browser.get('/late')).toMatchObject({ status: 200, text: 'try again', setCookies: [] })
  expect(await saved.promise).toMatchObject({
    code: 'UNTORN_MISUSE',
    message: expect.stringMatching(/new id/),
  })
  await browser.get('/leaves').catch(() => {})
  await left.promise
  expect(await browser.json('/session')).toEqual({ user: 'ada' })
})
