import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CookieOptions, Session } from '../../src/index.ts'
import { site } from '../sessions/visit.ts'
import { asksForNewId } from '../support/new-id.ts'
import { bothKinds, PlainStore } from '../support/plain-store.ts'
import { Jar } from './support/jar.ts'

let warnings: [string, { code: string }][] = []

beforeEach(() => {
  warnings = []
  vi.spyOn(process, 'emitWarning').mockImplementation(((message: string, options: { code: string }) => {
    warnings.push([message, options])
  }) as never)
})
afterEach(() => vi.restoreAllMocks())

/** One request of a browser to an application whose cookie is set up so; every answer is kept. */
function shopOf(store: PlainStore, jar: Jar, secure: boolean) {
  return (cookie: CookieOptions) => {
    const shop = site({ store, cookie })
    const visit = async <T>(handler: (session: Session) => T | Promise<T>) => {
      const session = await shop.sessions.open(jar.header, { secure })
      const result = await handler(session)
      let line: string | undefined
      try {
        line = await session.commit()
      } catch (error) {
        if ((error as { code?: string }).code !== 'UNTORN_SESSION_GONE') throw error
      }
      const lines = [...session.dueCookies(), ...(line === undefined ? [] : [line])]
      jar.keep(...lines)
      return { result, lines }
    }
    return { ...shop, visit }
  }
}

const userOf = (session: Session) => session.get('user') as string | undefined
const signIn = (name: string) => (session: Session) => {
  asksForNewId(session)
  session.set('user', name)
}

// What the cookie was, what it is now, and how it was said to have been.
const CHANGES: [
  string,
  boolean,
  CookieOptions,
  CookieOptions,
  NonNullable<CookieOptions['formerly']>[number],
][] = [
  [
    'another domain',
    true,
    { domain: 'example.com' },
    { domain: 'shop.example.com' },
    { domain: 'example.com' },
  ],
  ['no domain any more', true, { domain: 'example.com' }, {}, { domain: 'example.com' }],
  ['a domain', true, {}, { domain: 'example.com' }, {}],
  ['another path', true, { path: '/shop' }, { path: '/store' }, { path: '/shop' }],
  ['a jar of its own', true, { sameSite: 'none' }, { sameSite: 'none', partitioned: true }, {}],
  [
    'no jar of its own any more',
    true,
    { sameSite: 'none', partitioned: true },
    { sameSite: 'none' },
    { partitioned: true },
  ],
  ['another name', true, { name: 'sid' }, { name: 'shop' }, { name: 'sid' }],
  ['a name that has its prefix', true, { name: '__Host-id' }, {}, { name: '__Host-id' }],
  ['another domain, over http', false, { domain: 'example.com' }, {}, { domain: 'example.com' }],
  ['another name, over http', false, { name: 'sid' }, { name: 'shop' }, { name: 'sid' }],
]

describe.each(CHANGES)('the cookie got %s', (_, secure, before, now, was) => {
  test.each(bothKinds)(
    'a visitor of before stays signed in, and soon has one cookie: $kind',
    async ({ slow }) => {
      const [store, jar] = [new PlainStore({ slow }), new Jar()]
      const openShop = shopOf(store, jar, secure)
      await openShop(before).visit(signIn('ada'))
      const { visit, events } = openShop({ ...now, formerly: [was] })
      expect((await visit(userOf)).result).toBe('ada')
      await visit(signIn('ada again'))
      expect(jar.names).toHaveLength(1)
      const { result, lines } = await visit(userOf)
      expect([result, lines]).toEqual(['ada again', []])
      expect(events.map(({ type }) => type)).toEqual(['rotated'])
      expect(warnings).toEqual([])
    },
  )

  test('a browser that has both kinds is healed by one answer', async () => {
    const [store, jar] = [new PlainStore(), new Jar()]
    const openShop = shopOf(store, jar, secure)
    await openShop(before).visit(signIn('dead'))
    for (const [key] of store.all()) await store.delete(key)
    // The change was made without saying what was before.
    jar.keep((await shopOf(store, new Jar(), secure)(now).visit(signIn('ada'))).lines[0])
    expect(jar.names).toHaveLength(2)
    const { visit } = openShop({ ...now, formerly: [was] })
    expect((await visit(userOf)).result).toBe('ada')
    expect(jar.names).toHaveLength(1)
    const { result, lines } = await visit(userOf)
    expect([result, lines]).toEqual(['ada', []])
  })

  test('whoever signs out has neither cookie', async () => {
    const [store, jar] = [new PlainStore(), new Jar()]
    const openShop = shopOf(store, jar, secure)
    await openShop(before).visit(signIn('ada'))
    await openShop({ ...now, formerly: [was] }).visit((session) => session.destroy())
    expect(jar.names).toEqual([])
    expect(store.all()).toEqual([])
  })
})

describe('two cookies of one name', () => {
  /** A browser with two cookies, of which the ones that are named have a session. */
  async function withTwo(...live: ('old' | 'new')[]) {
    const [store, jar] = [new PlainStore(), new Jar()]
    for (const [kind, cookie] of [
      ['old', { path: '/shop' }],
      ['new', { path: '/store' }],
    ] as const) {
      const { lines } = await shopOf(store, new Jar(), true)(cookie).visit(signIn(kind))
      jar.keep(lines[0])
      if (!live.includes(kind)) await store.delete(store.all().at(-1)![0])
    }
    expect(jar.names).toHaveLength(2)
    return { store, jar, openShop: shopOf(store, jar, true) }
  }
  const now = { path: '/store' }
  const healing = { ...now, formerly: [{ path: '/shop' }] }

  test.each(['old', 'new'] as const)('of which the %s one is live: it is used', async (live) => {
    const { openShop, jar } = await withTwo(live)
    const { visit, events } = openShop(now)
    expect((await visit(userOf)).result).toBe(live)
    expect(jar.names).toHaveLength(2)
    expect(events).toEqual([{ type: 'duplicate-cookie' }])
    const healed = openShop(healing)
    expect((await healed.visit(userOf)).result).toBe(live)
    expect(jar.names).toHaveLength(1)
    expect((await healed.visit(userOf)).result).toBe(live)
  })

  test('both live: neither is used, nothing is stored, and the next request has one', async () => {
    const { openShop, jar, store } = await withTwo('old', 'new')
    const before = store.all()
    const { visit } = openShop(healing)
    const { result } = await visit((session) => {
      session.set('cart', ['a book'])
      return userOf(session)
    })
    expect(result).toBeUndefined()
    expect(store.all()).toEqual(before)
    expect(jar.names).toHaveLength(1)
    expect((await visit(userOf)).result).toBe('new')
  })

  test('both live: a sign-in ends both, so that the next request finds it, whatever else is there', async () => {
    const { openShop, store } = await withTwo('old', 'new')
    const { visit } = openShop(now)
    await visit(signIn('ada'))
    expect(store.all()).toHaveLength(1)
    expect((await visit(userOf)).result).toBe('ada')
  })

  test('both live: a sign-out ends both', async () => {
    const { openShop, store } = await withTwo('old', 'new')
    await openShop(now).visit((session) => session.destroy())
    expect(store.all()).toEqual([])
  })

  test('neither live: a new session begins', async () => {
    const { openShop, jar } = await withTwo()
    const { visit } = openShop(healing)
    await visit(signIn('ada'))
    expect(jar.names).toHaveLength(1)
    expect((await visit(userOf)).result).toBe('ada')
  })

  test('the warning says once what to set', async () => {
    const { openShop } = await withTwo('new')
    const { visit } = openShop(now)
    await visit(userOf)
    await visit(userOf)
    expect(warnings).toEqual([
      [expect.stringContaining('formerly: [{ domain: "example.com" }]'), { code: 'UNTORN_DUPLICATE_COOKIE' }],
    ])
  })

  test('that are more than four are not looked at, and nothing is stored', async () => {
    const shop = site()
    const many = Array.from({ length: 5 }, (_, i) => `__Host-sid=${`${i}`.repeat(43)}`).join('; ')
    const session = await shop.sessions.open(many)
    session.set('cart', [])
    await expect(async () => session.commit()).rejects.toMatchObject({ code: 'UNTORN_SESSION_GONE' })
    expect(shop.store.calls).toEqual([])
  })

  test('with the same value are that value', async () => {
    const shop = site()
    const session = await shop.sessions.open(undefined)
    session.set('user', 'ada')
    const [cookie] = (await session.commit())!.split(';')
    const again = await shop.sessions.open(`${cookie}; a=b; ${cookie}; ${cookie!.replace('=', '="')}"`)
    expect(again.get('user')).toBe('ada')
    expect(shop.events.map(({ type }) => type)).toEqual(['created'])
    expect(warnings).toEqual([])
  })
})

describe('a cookie of an earlier name', () => {
  const formerly = [{ name: 'old' }]
  async function known() {
    const store = new PlainStore()
    const { lines } = await shopOf(store, new Jar(), true)({ name: 'old' }).visit(signIn('ada'))
    const id = /=([^;]+)/.exec(lines[0]!)![1]!
    return { id, ...site({ store, cookie: { name: 'shop', formerly } }) }
  }

  test('is read with its prefix over https, never without one', async () => {
    const { sessions, id } = await known()
    expect((await sessions.open(`__Host-old=${id}`)).get('user')).toBe('ada')
    expect((await sessions.open(`old=${id}`)).isNew).toBe(true)
    expect((await sessions.open(`__Secure-old=${id}`)).isNew).toBe(true)
    expect((await sessions.open(`old=${id}`, { secure: false })).get('user')).toBe('ada')
  })

  test('is not read beside one of the name of now', async () => {
    const { sessions, id } = await known()
    const session = await sessions.open(`__Host-old=${id}; __Host-shop=${'a'.repeat(43)}`)
    expect(session.get('user')).toBeUndefined()
    expect(await session.commit()).toMatch(/^__Host-shop=; Max-Age=0/)
    expect(session.dueCookies()).toEqual([expect.stringMatching(/^__Host-old=; Max-Age=0/)])
  })

  test('is removed with all that a browser demands of a removal', async () => {
    const { sessions, id } = await known()
    const session = await sessions.open(`__Host-old=${id}; old=planted`)
    session.get('user')
    expect(await session.commit()).toMatch(new RegExp(`^__Host-shop=${id}; Max-Age=\\d+; .*HttpOnly; Secure`))
    expect(session.dueCookies()).toEqual([
      '__Host-old=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
      'old=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax',
    ])
    expect(session.dueCookies()).toEqual([])
  })

  test('stays where nobody looks at the session, and where the store has failed', async () => {
    const { sessions, id } = await known()
    const unseen = await sessions.open(`__Host-old=${id}`)
    expect([await unseen.commit(), unseen.dueCookies()]).toEqual([undefined, []])
    const store = new PlainStore()
    const { StoreUnavailableError } = await import('../../src/index.ts')
    store.failing.set('load', new StoreUnavailableError('no answer'))
    const shop = site({ store, onStoreError: 'anonymous', cookie: { name: 'shop', formerly } })
    const detached = await shop.sessions.open(`__Host-old=${id}`)
    detached.get('user')
    expect([await detached.commit(), detached.dueCookies()]).toEqual([undefined, []])
  })
})

test('a browser that does not know Partitioned keeps the cookie of now', async () => {
  const [store, jar] = [new PlainStore(), new Jar({ partitions: false })]
  const openShop = shopOf(store, jar, true)
  await openShop({ sameSite: 'none' }).visit(signIn('ada'))
  const { visit } = openShop({ sameSite: 'none', partitioned: true, formerly: [{}] })
  await visit(signIn('ada again'))
  expect((await visit(userOf)).result).toBe('ada again')
})
