import type { Express, Request, Response } from 'express'
import { describe, expect, test } from 'vitest'
import { sessions } from '../../src/express.ts'
import { createSessions } from '../../src/index.ts'
import type { SessionEvent } from '../../src/session/events.ts'
import type { Session } from '../../src/session/session.ts'
import { everywhere } from './support/application.ts'
import { serve } from './support/server.ts'
import { Visitor } from './support/visitor.ts'

const ends: Record<string, (session: Session) => unknown> = {
  'signed out': (session) => session.destroy(),
  'given another id': (session) => {
    session.regenerate()
    return session.save()
  },
}
const cases = everywhere.flatMap((place) =>
  Object.entries(ends).map(([end, act]) => ({ ...place, end, act })),
)

describe.each(cases)('a session that is $end in another tab meanwhile: $name with $speed', (one) => {
  /** The answer to a request whose session ends under it, and what there is afterwards. */
  async function answered(handler: (req: Request, res: Response) => unknown) {
    const events: SessionEvent[] = []
    const served = createSessions({ store: one.store(), onEvent: (event) => void events.push(event) })
    const app: Express = one.express()
    app.use(sessions({ sessions: served }))
    app.get('/login', (req, res) => {
      req.session.user = 'ada'
      res.send('hello')
    })
    app.get('/', async (req, res) => {
      const { id } = req.session
      await one.act(await served.open(`sid=${id}`, { secure: false }))
      events.length = 0
      await handler(req, res)
    })
    const visitor = new Visitor(await serve(app))
    await visitor.get('/login')
    const { cookie } = visitor
    const answer = await visitor.get('/')
    const stored: unknown[] = []
    for await (const [, { values }] of served.store.records()) {
      const own = [...values].filter(([name]) => !name.startsWith('untorn:'))
      if (own.length > 0) stored.push(Object.fromEntries(own))
    }
    const kept = one.end === 'signed out' ? [] : [{ user: '"ada"' }]
    return { answer, stored, kept, events: events.map(({ type }) => type), sent: visitor.cookie !== cookie }
  }

  test.each(['save', 'regenerate', 'reload'] as const)(
    '%s() is false, the answer is that of the handler, and what is set afterwards is not stored, unless it begins anew',
    async (name) => {
      const { answer, stored, kept, events, sent } = await answered(async (req, res) => {
        req.session.views = 1
        const first = await req.session[name]()
        req.session.views = 2
        const again = await req.session.save()
        req.session.user = 'eve'
        res.status(201).json([first, again, await req.session.save(), await req.session.reload()])
      })
      if (name === 'regenerate' && one.end === 'given another id') {
        // A second click on "sign in": a session of its own, with what this request has set.
        expect(answer).toMatchObject({ status: 201, text: '[true,true,true,true]' })
        expect(stored).toEqual(expect.arrayContaining([...kept, { user: '"eve"', views: '2' }]))
        expect(stored).toHaveLength(2)
        expect(sent).toBe(true)
        return
      }
      expect(answer).toMatchObject({ status: 201, text: '[false,false,false,false]', setCookies: [] })
      expect(stored).toEqual(kept)
      expect(events).toContain('gone')
      expect(sent).toBe(false)
    },
  )

  test('a callback gets SessionGoneError, also from a second call that has nothing to do', async () => {
    const { answer, stored, kept } = await answered(async (req, res) => {
      const codeOf = (name: 'save' | 'reload' | 'regenerate') =>
        new Promise((told) => req.session[name]((error) => told(error?.code)))
      req.session.views = 1
      const codes = [await codeOf('save'), await codeOf('save'), await codeOf('reload')]
      res.json([...codes, await codeOf('regenerate')])
    })
    const gone = 'UNTORN_SESSION_GONE'
    const asked = one.end === 'signed out' ? gone : null
    expect(JSON.parse(answer.text)).toEqual([gone, gone, gone, asked])
    expect(stored).toEqual(kept)
  })

  test('destroy() has nothing to tell, touch() is carried out with the answer, and the visitor can begin anew', async () => {
    const { answer, stored, kept } = await answered(async (req, res) => {
      const told = [await req.session.touch(), await req.session.destroy()]
      req.session.user = 'bob'
      res.send(`${told} ${await req.session.save()}`)
    })
    expect(answer).toMatchObject({ text: 'true, true', setCookies: [expect.stringMatching(/^sid=/)] })
    expect(stored).toEqual(expect.arrayContaining([...kept, { user: '"bob"' }]))
  })
})
