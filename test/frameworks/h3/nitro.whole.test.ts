import { once } from 'node:events'
import * as h3 from 'h3v1'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { sessionOf } from '../../../src/h3.ts'
import type { SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { conforms } from '../../adapters/support/conformance.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'
import { answer } from './hosts.ts'
import { nitroApp } from './nitro/build.ts'
import type { NitroSite } from './nitro/site.ts'
import { listening } from './serve.ts'

const app = nitroApp()
afterAll(() => app.remove())

const serve = async (site: NitroSite) => listening(await app.load(site))

conforms('an application that Nitro has built', {
  serve: ({ options, trustProxy, page }) =>
    serve({
      options: { ...options, trustProxy },
      async page(event) {
        const { method, url } = event.node.req
        return answer(event, await page(event.context.session, { method: method!, url: url! }))
      },
    }),
  over: ['a store that answers later'],
  concurrent: true,
})

async function visiting(site: NitroSite) {
  const { url, close } = await serve(site)
  onTestFinished(close)
  let cookie = ''
  return async (path = '/') => {
    const response = await fetch(url + path, {
      headers: { cookie, accept: 'application/json' },
      redirect: 'manual',
    })
    const [line] = response.headers.getSetCookie()
    if (line !== undefined) cookie = line.split(';')[0]!
    return response
  }
}

/** As who an application fetches of itself. */
const VISITORS: [string, RequestInit, object][] = [
  ['as the visitor, with their session', {}, { inner: 1, broken: 1 }],
  ['as somebody else, with another one', { headers: { cookie: '' } }, {}],
]

// Nitro calls itself, and a cloud function calls it, with a response that is read when the handler is through.
test.each(VISITORS)('what it fetches of itself is whole, %s', async (_, init, changed) => {
  const visit = await visiting({
    options: { store: slowly(memoryStore()) },
    async page(event, fetchOwn) {
      const { session } = event.context
      const [path] = event.path.split('?')
      if (path === '/inner') {
        session.inner = 1
        return h3.sendRedirect(event, '/there')
      }
      if (path === '/broken') {
        session.broken = 1
        throw h3.createError({ statusCode: 418, message: 'no coffee' })
      }
      if (path === '/all') return { ...session }
      session.outer = 1
      if (path === '/begin') return 'begun'
      const answers = [await fetchOwn('/inner', init), await fetchOwn('/broken', init)]
      return Promise.all(answers.map(async (each) => [each.status, await each.text()]))
    },
  })
  await visit('/begin')
  const [[status, text], [broken, said]] = JSON.parse(await (await visit('/')).text())
  expect([status, broken]).toEqual([302, 418])
  expect(text).toContain('there')
  expect(said).toContain('no coffee')
  expect(await (await visit('/all')).json()).toEqual({ outer: 1, ...changed })
})

describe('a page that fetches what it shows', () => {
  const own = (store: SessionStore): NitroSite => ({
    options: { store },
    async page(event, fetchOwn) {
      const { session } = event.context
      if (event.path === '/all') return { ...session }
      if (event.path.startsWith('/add/')) {
        const item = event.path.slice('/add/'.length)
        session.update('cart', (cart: string[] = []) => [...cart, item].sort())
        return {}
      }
      if (event.path === '/sign-in') {
        await session.login('ada')
        return {}
      }
      const { searchParams } = new URL(event.path, 'http://here')
      if (searchParams.has('begins')) session.outer = 1
      const paths = searchParams.getAll('fetch')
      return Promise.all(paths.map(async (path) => (await fetchOwn(path)).json()))
    },
  })

  describe.each<[string, () => SessionStore]>([
    ['a store that answers at once', memoryStore],
    ['a store that answers later', () => slowly(memoryStore())],
  ])('over %s', (_, store) => {
    test('depends on the session that was read there', async () => {
      const visit = await visiting(own(store()))
      await visit('/add/tea')
      const page = await visit('/?fetch=/all')
      expect(page.headers.get('vary')).toBe('Cookie')
      expect(await page.json()).toEqual([{ cart: ['tea'] }])
    })

    test('has the cookie of a session that begins there, and it is one', async () => {
      const visit = await visiting(own(store()))
      const page = await visit('/?fetch=/add/tea&fetch=/add/cup')
      expect(page.headers.getSetCookie()).toHaveLength(1)
      expect(page.headers.get('cache-control')).toBe('private')
      expect(await (await visit('/all')).json()).toEqual({ cart: ['cup', 'tea'] })
    })

    test('has the new id of who signs in there', async () => {
      const visit = await visiting(own(store()))
      await visit('/add/tea')
      expect((await visit('/?fetch=/sign-in')).headers.getSetCookie()).toHaveLength(1)
      expect(await (await visit('/?fetch=/all')).json()).toEqual([{}])
    })

    test('is seen there with what it has changed itself', async () => {
      const visit = await visiting(own(store()))
      expect(await (await visit('/?begins&fetch=/all')).json()).toEqual([{ outer: 1 }])
    })
  })

  test('and goes on to fetch behind its answer: there is a session of its own, which is saved', async () => {
    let behind: Promise<unknown> | undefined
    const site = own(memoryStore())
    const visit = await visiting({
      ...site,
      async page(event, fetchOwn) {
        if (event.path !== '/behind') return site.page(event, fetchOwn)
        event.context.session.answered = 1
        behind = once(event.node.res, 'close').then(() => fetchOwn('/add/late'))
        return 'answered'
      },
    })
    await visit('/add/tea')
    await (await visit('/behind')).text()
    await behind
    expect(await (await visit('/all')).json()).toEqual({ answered: 1, cart: ['late', 'tea'] })
  })
})

describe('a handler whose answer Nitro keeps for everybody', () => {
  const site = (): NitroSite => ({
    options: { store: memoryStore() },
    async page(event, fetchOwn) {
      const path = event.path.split('?')[0]!
      if (path === '/kept/page') return (await fetchOwn('/add')).text()
      if (path.endsWith('/token')) event.context.session.token ??= 'secret'
      if (path.endsWith('/varies')) h3.setResponseHeader(event, 'vary', 'cookie')
      if (path.endsWith('/of-node')) {
        const { session } = event.node.req as unknown as { session: { owner?: string } }
        return { owner: session.owner ?? null }
      }
      if (path.endsWith('/named')) return { owner: sessionOf<object>(event).owner ?? null }
      const { session } = event.context
      if (path === '/sign-in') await session.login('ada')
      if (path === '/add') session.cart = ['tea']
      return { owner: session.owner ?? null }
    },
  })
  test('has no session, as the next one would get what is of the first', async () => {
    const visit = await visiting(site())
    await visit('/sign-in')
    expect((await visit('/kept/own')).status).toBe(500)
    expect((await visit('/kept/named')).status).toBe(500)
    expect((await visit('/kept/of-node')).status).toBe(500)
    expect((await visit('/named')).status).toBe(200)
    expect((await visit('/of-node')).status).toBe(200)
  })

  test('has it where there is one answer for each cookie', async () => {
    const visit = await visiting(site())
    await visit('/sign-in')
    expect(await (await visit('/kept-by-cookie/own')).json()).toEqual({ owner: 'ada' })
  })

  test('begins none there, which all who have no cookie would have', async () => {
    const visit = await visiting(site())
    const { status, headers } = await visit('/kept-by-cookie/token')
    expect([status, headers.getSetCookie()]).toEqual([500, []])
    expect(await (await visit('/kept-by-cookie/own')).json()).toEqual({ owner: null })
  })

  test('says that it varies, also when it was kept, where the handler has said so', async () => {
    const visit = await visiting(site())
    await visit('/sign-in')
    for (const _ of ['made', 'kept']) {
      const page = await visit('/kept-by-cookie/varies')
      expect(await page.json()).toEqual({ owner: 'ada' })
      expect(page.headers.get('vary')?.toLowerCase()).toBe('cookie')
    }
  })

  test('fetches what it shows as nobody', async () => {
    const visit = await visiting(site())
    const page = await visit('/kept/page')
    expect([page.status, page.headers.getSetCookie(), page.headers.get('vary')]).toEqual([200, [], null])
  })
})

test('its own error handler answers what could not be saved, with the status of the error', async () => {
  const { store, broken } = breakable()
  const visit = await visiting({
    options: { store },
    async page(event) {
      event.context.session.views = 1
      broken.add('create')
      return { ok: true }
    },
  })
  const response = await visit()
  expect(response.status).toBe(503)
  expect(response.headers.getSetCookie()).toEqual([])
  // Nitro's own, and not what answers where nobody else does.
  expect(response.headers.get('content-security-policy')).toContain("script-src 'none'")
  expect(await response.json()).toMatchObject({ error: true, statusCode: 503, message: 'Server Error' })
})
