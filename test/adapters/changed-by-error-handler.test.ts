import type { ErrorRequestHandler, Request, Response } from 'express'
import { describe, expect, test } from 'vitest'
import { sessions } from '../../src/express.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import { warnings } from '../support/warnings.ts'
import { everywhere } from './support/application.ts'
import { ask, later, serve } from './support/server.ts'
import { Visitor } from './support/visitor.ts'

type OnError = (req: Request, res: Response) => unknown

// First, since it is said once in a process.
test('the first change that an error handler loses is a warning, which says how to save it', async () => {
  const warned = warnings()
  const { store, express } = everywhere[0]!
  const app = express()
  app.use(sessions({ store: store(), maxBytes: 20 }))
  app.get('/', (req, res) => {
    req.session.user = 'x'.repeat(50)
    res.send('saved')
  })
  const failed: ErrorRequestHandler = (_error, req, res, _next) => {
    req.session.notice = 'It is too large.'
    res.send('failed')
  }
  app.use(failed)
  await ask(await serve(app))
  await later()
  expect(warned).toMatchObject([{ code: 'UNTORN_CHANGE_AFTER_FAILURE' }])
  expect(warned[0]!.message).toMatch(/`await req\.session\.reload\(\)`.*`await req\.session\.save\(\)`/)
})

describe.each(everywhere)('an error handler that changes the session: $name with $speed', (place) => {
  /** What there is once a change was too large to be saved, and the error handler has done this. */
  async function afterFailure(onError: OnError, { signedIn = true } = {}) {
    const events: SessionEvent[] = []
    const app = place.express()
    app.use(sessions({ store: place.store(), maxBytes: 200, onEvent: (event) => void events.push(event) }))
    app.get('/login', (req, res) => {
      req.session.user = 'ada'
      req.session.list = [1]
      res.send('hello')
    })
    app.get('/', (req, res) => {
      void req.session.list
      req.session.set('big' as never, 'x'.repeat(500) as never)
      res.send('saved')
    })
    app.get('/session', (req, res) => void res.json(req.session))
    const failed: ErrorRequestHandler = async (_error, req, res, _next) => {
      await onError(req, res)
      if (!res.headersSent) res.redirect('/session')
    }
    app.use(failed)
    const visitor = new Visitor(await serve(app))
    if (signedIn) await visitor.get('/login')
    events.length = 0
    const { text, status } = await visitor.get('/')
    await later(30)
    return { text, status, events: events.filter(({ type }) => type !== 'created') }
  }

  test('is told of a notice that is not saved, with its line', async () => {
    const { text, events } = await afterFailure((req) => {
      req.session.notice = 'It is too large.'
    })
    expect(text).toBe('{"user":"ada","list":[1]}')
    expect(events).toEqual([
      { type: 'late-change', key: expect.any(String), at: expect.stringMatching(/changed-by-error-handler/) },
    ])
  })

  test('is told of a change deep inside of a value', async () => {
    const { text, events } = await afterFailure((req) => req.session.list!.push(2))
    expect(text).toBe('{"user":"ada","list":[1]}')
    expect(events).toMatchObject([{ type: 'late-change' }])
  })

  test('can save a notice, as the warning says', async () => {
    const { text, events } = await afterFailure(async (req) => {
      await req.session.reload()
      req.session.notice = 'It is too large.'
      await req.session.save()
    })
    expect(text).toBe('{"user":"ada","list":[1],"notice":"It is too large."}')
    expect(events).toEqual([])
  })

  test('that changes nothing is told nothing but the error', async () => {
    const { events } = await afterFailure(() => {})
    expect(events).toEqual([])
  })

  test('is told why no session can begin there, and that its change is lost', async () => {
    let told: unknown
    const { text, events } = await afterFailure(
      async (req) => {
        req.session.clear()
        req.session.notice = 'It is too large.'
        told = await req.session.save().catch((error: unknown) => error)
      },
      { signedIn: false },
    )
    expect(told).toMatchObject({
      code: 'UNTORN_MISUSE',
      message: expect.stringMatching(/while an error was answered.*Begin it in the next request/),
    })
    expect(text).toBe('{}')
    expect(events.map(({ type }) => type)).toContain('late-change')
  })
})
