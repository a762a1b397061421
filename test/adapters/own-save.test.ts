import type { Express, Request, Response } from 'express'
import { describe, expect, test } from 'vitest'
import { eachWithEach } from '../support/whole.ts'
import { runs } from './support/application.ts'
import { expresses } from './support/express.ts'
import { later } from './support/server.ts'
import { breakable, pace } from './support/stores.ts'

const cases = eachWithEach(Object.entries(expresses), Object.entries(pace)).map(
  ([[name, express], [speed, paced]]) => ({ name, speed, express, paced }),
)

const unavailable = { type: 'error', error: { code: 'UNTORN_STORE_UNAVAILABLE' } }

describe.each(cases)('a handler that saves, and it fails: $name with $speed', ({ express, paced }) => {
  type Handler = (req: Request, res: Response, store: { recovers(): void }) => unknown

  /** The answer to a visitor who is signed in, of a handler that meets a full disk. */
  async function answered(handler: Handler) {
    const { store, broken } = breakable()
    const mount = (app: Express) => {
      app.get('/login', (req, res) => {
        req.session.user = 'ada'
        req.session.list = [1]
        res.send('hello')
      })
      app.get('/', (req, res, next) => {
        for (const call of ['create', 'save', 'delete'] as const) broken.add(call)
        const run = async () => handler(req, res, { recovers: () => broken.clear() })
        run().catch(next)
      })
    }
    const { visitor, events, errors } = await runs(mount, { express, store: paced(store) })
    const browser = visitor()
    await browser.get('/login')
    events.length = 0
    const answer = await browser.get('/')
    await later()
    broken.clear()
    return {
      answer,
      errors,
      events: [...events],
      cookie: browser.cookie,
      session: await browser.json('/session'),
    }
  }

  const before = { user: 'ada', list: [1] }
  const kept = { status: 503, text: 'try again later', setCookies: [] }

  test.each<[string, (req: Request) => Promise<unknown>]>([
    [
      'save()',
      (req) => {
        req.session.views = 1
        return req.session.save()
      },
    ],
    ['regenerate()', (req) => req.session.regenerate()],
    ['destroy()', (req) => req.session.destroy()],
  ])('and who was told by %s keeps the answer that was made of it', async (_, work) => {
    const { answer, errors, events, session, cookie } = await answered(async (req, res) => {
      await work(req).catch(() => res.status(503).send('try again later'))
    })
    expect(answer).toMatchObject(kept)
    expect(errors).toEqual([])
    expect(events).toMatchObject([unavailable])
    expect(session).toEqual(before)
    expect(cookie).not.toBe('')
  })

  test('and who was told by a callback keeps the answer', async () => {
    const { answer, errors, events } = await answered((req, res) => {
      req.session.views = 1
      req.session.save((error) => void res.status(error ? 503 : 200).send('try again later'))
    })
    expect(answer).toMatchObject(kept)
    expect(errors).toEqual([])
    expect(events).toMatchObject([unavailable])
  })

  test('and who goes on without what could not be saved keeps the answer', async () => {
    const { answer, events, session } = await answered(async (req, res) => {
      req.session.views = 1
      await req.session.save().catch(() => delete req.session.views)
      res.send('read only')
    })
    expect(answer).toMatchObject({ status: 200, text: 'read only' })
    expect(events).toEqual([])
    expect(session).toEqual(before)
  })

  test('gets it saved all the same if that has become possible when it answers', async () => {
    const { answer, events, session } = await answered(async (req, res, store) => {
      req.session.views = 1
      await req.session.save().catch(() => store.recovers())
      res.send('hello')
    })
    expect(answer).toMatchObject({ status: 200, text: 'hello' })
    expect(events).toEqual([])
    expect(session).toEqual({ ...before, views: 1 })
  })

  test.each<[string, Handler]>([
    [
      'sets another value after it',
      async (req, res) => {
        req.session.views = 1
        await req.session.save().catch(() => {})
        req.session.key1 = 1
        res.send('saved')
      },
    ],
    [
      'changes the same value again, deep inside',
      async (req, res) => {
        req.session.list!.push(2)
        await req.session.save().catch(() => {})
        req.session.list!.push(3)
        res.send('saved')
      },
    ],
    [
      'changed something while it was being saved',
      async (req, res) => {
        req.session.views = 1
        const saving = req.session.save()
        req.session.key1 = 1
        await saving.catch(() => {})
        res.send('saved')
      },
    ],
    [
      'asks for a new id after it',
      async (req, res) => {
        req.session.views = 1
        await req.session.save().catch(() => {})
        void req.session.regenerate()
        res.send('signed in')
      },
    ],
    [
      'tries again without waiting',
      async (req, res) => {
        req.session.views = 1
        await req.session.save().catch(() => {})
        void req.session.save()
        res.send('saved')
      },
    ],
    [
      'does not wait for it',
      async (req, res) => {
        req.session.views = 1
        void req.session.save()
        await later(60)
        res.send('saved')
      },
    ],
    [
      'waits for it only after the answer',
      async (req, res) => {
        req.session.views = 1
        const saving = req.session.save().catch(() => {})
        res.send('saved')
        await saving
      },
    ],
  ])('gets the error’s answer if it %s', async (_, handler) => {
    const { answer, errors } = await answered(handler)
    expect(answer).toMatchObject({ status: 500, text: 'failed: UNTORN_STORE_UNAVAILABLE' })
    expect(errors).toHaveLength(1)
  })

  test('and that lets the error pass has one answer, of an error handler that is called once', async () => {
    const { answer, errors, events } = await answered(async (req) => {
      req.session.views = 1
      await req.session.save()
    })
    expect(answer).toMatchObject({ status: 200, text: 'failed: UNTORN_STORE_UNAVAILABLE' })
    expect(errors).toHaveLength(1)
    expect(events).toMatchObject([unavailable])
  })

  test('for a value that is too large keeps its answer as well', async () => {
    const { answer, errors, events } = await answered(async (req, res, store) => {
      store.recovers()
      req.session.user = 'x'.repeat(200_000)
      await req.session.save().catch((error) => res.status(413).send(error.code))
    })
    expect(answer).toMatchObject({ status: 413, text: 'UNTORN_SESSION_TOO_LARGE', setCookies: [] })
    expect(errors).toEqual([])
    expect(events).toMatchObject([{ type: 'error', error: { code: 'UNTORN_SESSION_TOO_LARGE' } }])
  })
})
