import { createHmac } from 'node:crypto'
import { expect } from 'vitest'
import { essence, messages, runs, SECRET, stored, told } from './support/application.ts'
import type { Anything, Req } from './support/implementation.ts'
import { overMemoryStore, passes, type Subject, same, sameEach } from './support/subjects.ts'

const signatureOf = (sid: string, secret = SECRET) =>
  createHmac('sha256', secret).update(sid).digest('base64').replace(/=+$/, '')
const signed = (sid: string, secret?: string) => `s:${sid}.${signatureOf(sid, secret)}`

const visits = (req: Req, res: { end(text: string): void }) => {
  req.session.visits = (req.session.visits ?? 0) + 1
  res.end(`${req.sessionID} ${req.session.visits}`)
}

/** An application that has stored `id-1`. */
async function withOne(at: Subject, options: Record<string, Anything> = {}, mounted = {}) {
  const app = await runs(at, options, visits, mounted)
  expect((await app.ask()).text).toBe('id-1 1')
  return app
}

const VALUE = encodeURIComponent(signed('id-1'))

sameEach<string>(
  'of a cookie header',
  {
    'as it was set': `connect.sid=${VALUE}`,
    'not escaped': `connect.sid=${signed('id-1')}`,
    'in quotes': `connect.sid="${VALUE}"`,
    'with spaces around': `  connect.sid =  ${VALUE}  `,
    'among others': `a=b; connect.sid=${VALUE}; c=d`,
    'without a space between': `a=b;connect.sid=${VALUE};c=d`,
    'behind rubbish': `;;=; x; =y; connect.sid=${VALUE}`,
    'twice, the good one first': `connect.sid=${VALUE}; connect.sid=s%3Aother.x`,
    'twice, the good one last': `connect.sid=s%3Aother.x; connect.sid=${VALUE}`,
    'of another name': `connect.sid2=${VALUE}`,
    'of a name in capitals': `CONNECT.SID=${VALUE}`,
    'of another secret': `connect.sid=${encodeURIComponent(signed('id-1', 'another'))}`,
    'with a signature that is cut': `connect.sid=${VALUE.slice(0, -1)}`,
    'with a signature that is longer': `connect.sid=${VALUE}x`,
    'with the padding of base64': `connect.sid=${VALUE}%3D`,
    'without a signature': 'connect.sid=s%3Aid-1',
    'with an empty signature': 'connect.sid=s%3Aid-1.',
    'not signed': 'connect.sid=id-1',
    'of JSON, as cookie-parser has it': 'connect.sid=j%3A%7B%22a%22%3A1%7D',
    empty: 'connect.sid=',
    'of the prefix alone': 'connect.sid=s%3A',
    'without a value': 'connect.sid',
    'with an escape that is none': `connect.sid=%E0%A4%A${VALUE}`,
    'with an escape that is none behind': `connect.sid=${signed('id-1')}%`,
    'of an empty id': `connect.sid=${encodeURIComponent(signed(''))}`,
    'of an id that nobody has': `connect.sid=${encodeURIComponent(signed('id-9'))}`,
    'of an id with dots that nobody has': `connect.sid=${encodeURIComponent(signed('a.b.c'))}`,
    'of a prototype': `__proto__=x; connect.sid=${VALUE}`,
    'of nothing': '',
  },
  async (at, cookie) => {
    const app = await withOne(at)
    const answer = await app.ask('/', { headers: { cookie } })
    return [essence(answer), messages(app.errors)]
  },
)

sameEach<string>(
  'a cookie that is called as something that objects have',
  { constructor: 'constructor', toString: 'toString', hasOwnProperty: 'hasOwnProperty' },
  async (at, name) => {
    const app = await runs(at, { name }, visits)
    const visitor = app.visitor()
    return [essence(await visitor.get()), essence(await visitor.get()), messages(app.errors)]
  },
)

const parsed: Record<string, (req: Req) => void> = {
  'cookies, signed': (req) => {
    req.cookies = { 'connect.sid': signed('id-1') }
  },
  'cookies, not signed': (req) => {
    req.cookies = { 'connect.sid': 'id-1' }
  },
  'cookies, of another secret': (req) => {
    req.cookies = { 'connect.sid': signed('id-1', 'another') }
  },
  'cookies without it': (req) => {
    req.cookies = {}
  },
  'signedCookies, which is what it says': (req) => {
    req.signedCookies = { 'connect.sid': 'id-1' }
  },
  'signedCookies that were tampered with': (req) => {
    req.signedCookies = { 'connect.sid': false }
  },
  'signedCookies before cookies': (req) => {
    req.signedCookies = { 'connect.sid': 'id-1' }
    req.cookies = { 'connect.sid': signed('id-2') }
  },
  'cookies behind signedCookies that were tampered with': (req) => {
    req.signedCookies = { 'connect.sid': false }
    req.cookies = { 'connect.sid': signed('id-1') }
  },
  'the header before signedCookies': (req) => {
    req.headers.cookie = `connect.sid=${VALUE}`
    req.signedCookies = { 'connect.sid': 'id-2' }
  },
  'the header before cookies': (req) => {
    req.headers.cookie = `connect.sid=${VALUE}`
    req.cookies = { 'connect.sid': signed('id-2') }
  },
  'cookies behind a header that is not signed well': (req) => {
    req.headers.cookie = 'connect.sid=s%3Aid-2.x'
    req.cookies = { 'connect.sid': signed('id-1') }
  },
  'cookies and signedCookies of null': (req) => {
    req.cookies = null
    req.signedCookies = null
  },
}

sameEach('of what cookie-parser has left on the request', parsed, async (at, before) => {
  const store = at.store()
  let ids = 0
  const genid = () => `id-${++ids}`
  const plain = await runs(at, { store, genid }, visits)
  for (const text of ['id-1 1', 'id-2 1']) expect((await plain.ask()).text).toBe(text)
  const app = await runs(at, { store, genid }, visits, { before })
  return [essence(await app.ask()), messages(app.errors)]
})

same('a session that has expired is none: its visitor begins anew, with another id', async (at) => {
  const app = await runs(at, { cookie: { maxAge: 60_000 } }, visits)
  const visitor = app.visitor()
  const texts = [(await visitor.get()).text]
  passes(59_000)
  texts.push((await visitor.get()).text)
  passes(70_000)
  texts.push((await visitor.get()).text)
  expect(texts).toEqual(['id-1 1', 'id-1 2', 'id-2 1'])
  expect(await stored(app.store)).toBeUndefined()
})

same('a session that is taken from the store meanwhile is none', async (at) => {
  const app = await runs(at, {}, visits)
  const visitor = app.visitor()
  const texts = [(await visitor.get()).text]
  await told((callback) => app.store.destroy('id-1', callback))
  texts.push((await visitor.get()).text)
  expect(texts).toEqual(['id-1 1', 'id-2 1'])
})

same('a session without a change is read, and its visitor gets no cookie again', async (at) => {
  const app = await runs(at, { cookie: { maxAge: 60_000 } }, (req, res) => {
    if (req.url === '/set') req.session.a = { b: [1, 'text', null, true, { c: 1.5 }] }
    res.end(JSON.stringify(req.session))
  })
  const visitor = app.visitor()
  const seen = []
  for (const path of ['/', '/set', '/', '/set', '/']) seen.push(essence(await visitor.get(path)))
  return seen
})

/** Stores that answer `get` otherwise. */
const answers: Record<string, (callback: (error?: unknown, session?: unknown) => void) => void> = {
  'an error': (callback) => callback(Object.assign(new Error('out of reach'), { code: 'EOUT' })),
  'an error later': (callback) => void setImmediate(callback, new Error('out of reach')),
  'ENOENT, which is none': (callback) => callback(Object.assign(new Error('no file'), { code: 'ENOENT' })),
  'nothing at all': (callback) => callback(),
  null: (callback) => callback(null, null),
  undefined: (callback) => callback(null, undefined),
  false: (callback) => callback(null, false),
  'an empty text': (callback) => callback(null, ''),
  'a session without a cookie': (callback) => callback(null, { a: 1 }),
  'a session with a cookie of null': (callback) => callback(null, { cookie: null, a: 1 }),
  'a session with an empty cookie': (callback) => callback(null, { cookie: {}, a: 1 }),
  'a session with a cookie of JSON': (callback) =>
    callback(null, {
      cookie: { originalMaxAge: 60_000, expires: new Date(Date.now() + 1000).toJSON() },
      visits: 4,
    }),
  'a session with a date in its cookie': (callback) =>
    callback(null, { cookie: { originalMaxAge: 60_000, expires: new Date(Date.now() + 1000) }, visits: 4 }),
  'a session with the names of methods': (callback) =>
    callback(null, { cookie: {}, save: 'no', id: 'no', req: 'no', destroy: 1, visits: 4 }),
  'both an error and a session': (callback) => callback(new Error('out of reach'), { cookie: {}, visits: 4 }),
}

sameEach(
  'a store whose `get` answers',
  answers,
  async (at, answer) => {
    const app = await runs(at, {}, (req, res) => {
      req.session.visits = (req.session.visits ?? 0) + 1
      res.end(
        JSON.stringify([
          req.sessionID,
          req.session.visits,
          Object.keys(req.session),
          typeof req.session.save,
        ]),
      )
    })
    const cookie = `connect.sid=${VALUE}`
    app.store.get = (_sid, callback) => answer(callback)
    const seen = essence(await app.ask('/', { headers: { cookie } }))
    return [seen.text.startsWith('failed: Cannot read') ? 'failed' : seen, app.errors.length]
  },
  overMemoryStore,
)
