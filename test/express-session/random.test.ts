import type { ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryStore } from '../../src/memory.ts'
import { inWhole } from '../support/whole.ts'
import { messages, runs, stored, told } from './support/application.ts'
import { type Anything, dropIn, type Req, untornStore } from './support/implementation.ts'
import { dropIns, original, passes, runOn, type Subject } from './support/subjects.ts'

/*
 * Handlers that do anything to their session, over several requests: the answers, the cookies and what is stored then are the
 * same as with express-session. What is different on purpose is not among the steps: nothing is changed elsewhere at the same
 * time, nothing new is set once the head has left, no session is met in the last tenth of its age,
 * and nobody shows an id within seconds after it was replaced.
 */

const NAMES = ['a', 'b', 'c']

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constantFrom('set', 'set', 'set and begin to save'),
      name: fc.constantFrom(...NAMES),
      value: fc.jsonValue({ maxDepth: 1 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('delete'), name: fc.constantFrom(...NAMES) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('deep'), name: fc.constantFrom(...NAMES) }) },
  fc.record({
    does: fc.constantFrom(
      'save',
      'reload',
      'regenerate',
      'destroy',
      'touch',
      'resetMaxAge',
      'keep',
      'begin to save',
    ),
  }),
  fc.record({
    does: fc.constantFrom('null', 'unset', 'generate', 'put back', 'store.regenerate'),
  }),
  fc.record({ does: fc.constant('maxAge'), value: fc.constantFrom(60_000, 300_000, null, false, 0) }),
  fc.record({ does: fc.constant('expires'), value: fc.constantFrom(200_000, null, 'past') }),
  fc.record({
    does: fc.constant('cookie'),
    value: fc.constantFrom({ path: '/x' }, { sameSite: 'lax' }, { secure: true }, { httpOnly: false }),
  }),
)
type Step = Record<string, Anything>

const request = fc.record({
  steps: fc.array(step, { maxLength: 4 }),
  answers: fc.constantFrom('end', 'write', 'writeHead', 'later', '304'),
  method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST'),
  cookie: fc.constantFrom('own', 'own', 'own', 'none', 'first', 'forged'),
  passes: fc.constantFrom(8000, 25_000, 1_000_000),
})

const options = fc.record(
  {
    resave: fc.boolean(),
    rolling: fc.boolean(),
    saveUninitialized: fc.boolean(),
    unset: fc.constantFrom('keep', 'destroy'),
    cookie: fc.constantFrom(
      {},
      { maxAge: 60_000 },
      { maxAge: 600_000, sameSite: 'auto', secure: 'auto' },
      { maxAge: null, path: '/' },
    ),
  },
  { requiredKeys: ['cookie'] },
)

const calls = async (req: Req, method: string): Promise<string> => {
  if (!req.session) return 'no session'
  return told((callback) => req.session[method](callback)).then(
    () => 'done',
    (error: Error) => error.message,
  )
}

/** What is ended by its cookie may be gone already, and what is being saved may have the cookie of before or behind. */
const BY_ITS_COOKIE = ['maxAge', 'expires', 'cookie', 'touch', 'resetMaxAge']

/** Does one step; what a handler can see of it. */
async function does(
  req: Req,
  { does: what, name, value }: Step,
  kept: { session?: Anything; isOver?: boolean; isSaving?: boolean },
): Promise<unknown> {
  const { session, sessionStore: store } = req
  switch (what) {
    case 'save':
    case 'reload':
    case 'regenerate':
    case 'destroy':
      // What is being saved may be there by then, or not.
      if (what === 'reload' && kept.isSaving) return undefined
      if (what === 'destroy' || what === 'regenerate') delete kept.session
      return calls(req, what)
    case 'store.regenerate':
      delete kept.session
      return told((callback) => store.regenerate(req, callback)).then(() => 'done')
    case 'generate':
      return store.generate(req)
    case 'set and begin to save':
      if (session) session[name] = value
      session?.save()
      kept.isSaving = true
      return undefined
    case 'keep':
      kept.session = session
      return undefined
    case 'put back':
      if (kept.session?.id === req.sessionID) req.session = kept.session
      return undefined
    case 'null':
      req.session = null
      return undefined
    case 'unset':
      delete (req as Anything).session
      return undefined
    default:
      if (!session) return 'no session'
      if ((kept.isOver || kept.isSaving) && BY_ITS_COOKIE.includes(what)) return undefined
      kept.isOver ||= value === 'past' || (what === 'maxAge' && value === 0)
      return changes(session, { does: what, name, value })
  }
}

function changes(session: Anything, { does: what, name, value }: Step): unknown {
  const { cookie } = session
  if (what === 'set') session[name] = value
  else if (what === 'delete') delete session[name]
  else if (what === 'deep') session[name] = { ...Object(session[name]), deep: (session[name]?.deep ?? 0) + 1 }
  else if (what === 'touch' || what === 'resetMaxAge') session[what]()
  else if (what === 'maxAge') cookie.maxAge = value
  else if (what === 'expires') cookie.expires = expiry(value)
  else Object.assign(cookie, value)
  return typeof cookie.maxAge
}

const expiry = (value: Anything) => (value === 'past' ? new Date(0) : value && new Date(Date.now() + value))

async function answersBy(way: string, res: ServerResponse, text: string): Promise<void> {
  if (way === 'later') await turn()
  if (way === '304') res.statusCode = 304
  if (way === 'writeHead') res.writeHead(201, { 'X-Own': 'yes' })
  if (way === 'write') res.write('first, ')
  res.end(text)
}

interface Run {
  options: Record<string, Anything>
  requests: { steps: Step[]; answers: string; method: string; cookie: string; passes: number }[]
}

/** Where a use is noted each tenth of an age only, a session that is loaded may say an end that is not the last. */
const withoutEnds = (seen: unknown): unknown =>
  JSON.parse(JSON.stringify(seen, (name, value) => (name === 'expires' && value ? 'a date' : value)))

const seesOf = (run: Run) => (at: Subject) => seenOf(at, run)

async function seenOf(at: Subject, { options: given, requests }: Run): Promise<unknown> {
  const script = new Map(requests.map((each, index) => [`/${index}`, each]))
  const seen: unknown[] = []
  const app = await runs(at, given, async (req, res) => {
    const { steps, answers } = script.get(req.url!)!
    const said = [show(req)]
    const kept = {}
    for (const each of steps) said.push(await does(req, each, kept), show(req))
    seen.push(said)
    await answersBy(answers, res, 'answered')
  })
  const jar: string[] = []
  for (const [index, { method, cookie, passes: ms }] of requests.entries()) {
    passes(ms)
    const shown = { own: jar.at(-1), first: jar[0], none: undefined, forged: jar[0]?.replace(/.$/, '!') }[
      cookie
    ]
    const { status, setCookies, text } = await app.ask(`/${index}`, {
      method,
      headers: shown ? { cookie: shown } : {},
    })
    for (const line of setCookies) jar.push(line.split(';')[0]!)
    seen.push([status, setCookies, text])
    for (const id of ['id-1', 'id-2', 'id-3']) seen.push(await stored(app.store, id))
  }
  return [seen, messages(app.errors)]
}

const show = ({ session, sessionID }: Req): unknown =>
  JSON.parse(JSON.stringify([sessionID ?? null, session ?? null]))

/** Answers some turns later, so that of calls that overlap any may be carried out first. */
const answeringLater: Subject = {
  name: 'untorn/express-session over a store that answers later',
  session: dropIn,
  store: () => {
    const store = memoryStore()
    for (const verb of ['create', 'load', 'save', 'delete'] as const) {
      const now = store[verb].bind(store) as (...all: unknown[]) => unknown
      const later = async (...all: unknown[]) => {
        for (let turns = Math.random() * 4; turns > 1; turns--) await turn()
        return now(...all)
      }
      Object.assign(store, { loadsAtOnce: false, [verb]: later })
    }
    return untornStore(store)
  },
}

for (const subject of inWhole([...dropIns, answeringLater], dropIns)) {
  test(`random handlers: ${subject.name}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        options,
        fc.array(request, { minLength: 1, maxLength: 6 }),
        async (given, requests) => {
          const run = { options: given, requests } as Run
          const [expected, seen] = [await runOn(original, seesOf(run)), await runOn(subject, seesOf(run))]
          if (subject === dropIns[0]) expect(seen).toEqual(expected)
          else expect(withoutEnds(seen)).toEqual(withoutEnds(expected))
        },
      ),
      { numRuns: Number(process.env.RUNS ?? inWhole(300, 25)), interruptAfterTimeLimit: 50_000 },
    )
  })
}
