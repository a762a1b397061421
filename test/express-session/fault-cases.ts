import { expect, vi } from 'vitest'
import type * as dropIn from '../../src/express-session.ts'
import { sessionKey } from '../../src/index.ts'
import { PlainStore } from '../support/plain-store.ts'
import { type Handlers, start, type Visitor } from './overlap/application.ts'

/** The library as it stands in src/, or with a fault in it. */
export type DropIn = Pick<typeof dropIn, 'default'>

const HANDLERS: Handlers = {
  '/values': (req, res) => {
    const { cookie: _, ...values } = req.session
    res.end(JSON.stringify(values))
  },
  '/visit': (req, res) => {
    req.session.visited = true
    res.end()
  },
  '/sign-in': (req, res) => void req.session.regenerate(() => HANDLERS['/visit']!(req, res)),
  '/late': (req, res) => {
    res.write('the head')
    req.session.late = true
    res.end()
  },
  '/save-later': (req, res) => {
    vi.setSystemTime(Date.now() + (req.session.cookie.maxAge as number) + 10)
    req.session.late = true
    req.session.save(() => res.end())
  },
}

const started = ({ default: session }: DropIn, store: PlainStore, options: dropIn.SessionOptions = {}) =>
  start((store, options) => session({ ...options, store }), store, HANDLERS, options)

const idOf = ({ cookie }: Visitor): string =>
  decodeURIComponent(cookie!).replace('connect.sid=s:', '').split('.')[0]!

/** A session of somebody, and whoever comes with their cookie to an application with other options. */
async function two(library: DropIn, before: dropIn.SessionOptions, then: dropIn.SessionOptions) {
  const store = new PlainStore()
  const one = (await started(library, store, before)).visitor()
  await one.get('/visit')
  const other = (await started(library, store, then)).visitor()
  other.cookie = one.cookie
  return other.values()
}

/** What the drop-in does, each of which some planted fault undoes. */
export const CASES: Record<string, (library: DropIn) => Promise<void>> = {
  async 'a cookie of another secret opens nothing'(library) {
    expect(await two(library, { secret: 'one' }, { secret: 'two' })).toEqual({})
  },
  async 'a cookie of a former secret opens its session'(library) {
    expect(await two(library, { secret: 'one' }, { secret: ['two', 'one'] })).toEqual({ visited: true })
  },
  async 'a key opens nothing'({ default: session }) {
    const below = new PlainStore()
    const store = session.untornStore(below)
    await new Promise((stored) => store.set('sid', { cookie: { originalMaxAge: null } }, stored))
    expect(await new Promise((found) => store.get(sessionKey('sid'), (_, data) => found(data)))).toBeNull()
  },
  async 'a session that a listing names can be ended'({ default: session }) {
    const below = new PlainStore()
    const store = session.untornStore(below)
    await new Promise((stored) => store.set('sid', { cookie: { originalMaxAge: null } }, stored))
    await new Promise((ended) => store.destroy(sessionKey('sid'), ended))
    expect(below.all()).toEqual([])
  },
  async 'a late request gets no cookie over that of the new id'(library) {
    const one = (await started(library, new PlainStore())).visitor()
    await one.get('/visit')
    const { cookie } = one
    await one.get('/sign-in')
    expect((await one.get('/visit', cookie)).setCookies).toEqual([])
  },
  async 'what is changed behind the head is saved'(library) {
    const one = (await started(library, new PlainStore())).visitor()
    await one.get('/visit')
    await one.get('/late')
    expect(await one.values()).toEqual({ visited: true, late: true })
  },
  async 'a use that prolongs nothing is not written'(library) {
    const store = new PlainStore()
    const one = (await started(library, store, { cookie: { maxAge: 3_600_000 } })).visitor()
    await one.get('/visit')
    store.counted()
    await one.values()
    expect(store.counted('save')).toBe(0)
  },
  async 'a save behind the end that was shown loses nothing'(library) {
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const store = new PlainStore()
      const one = (await started(library, store, { cookie: { maxAge: 60_000 } })).visitor()
      await one.get('/visit')
      await store.save(sessionKey(idOf(one)), { expiresAt: Date.now() + 6000 + 50 })
      await one.get('/save-later')
      expect(await one.values()).toEqual({ visited: true, late: true })
    } finally {
      vi.useRealTimers()
    }
  },
}
