import { describe, expect, test } from 'vitest'
import { createSessions, type SessionsOptions } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { eachWithEach } from '../support/whole.ts'
import { type Handle, hosts } from './support/hosts.ts'
import { serve } from './support/server.ts'
import { breakable, pace } from './support/stores.ts'
import { Visitor } from './support/visitor.ts'

const everywhere = eachWithEach(Object.entries(hosts), Object.entries(pace)).map(
  ([[name, host], [speed, paced]]) => ({ name, speed, host, paced }),
)

const handle: Handle = async ({ session, path, set }) => {
  if (path === '/sign-in') session.user = 'ada'
  if (path === '/own') set('Clear-Site-Data', '"executionContexts", "cache"')
  if (path === '/own-all') set('Clear-Site-Data', '"*"')
  if (path === '/new-id') await session.regenerate()
  if (path === '/logout') await session.logout()
  else if (/out|own/.test(path)) await session.destroy()
  if (path === '/sign-out-and-say') session.message = 'Goodbye'
  return JSON.stringify(session)
}

describe.each(everywhere)('clearSiteData: $name with $speed', ({ host, paced }) => {
  const site = async (options: SessionsOptions = { clearSiteData: ['cache', 'storage'] }) => {
    const sessions = createSessions({ store: paced(memoryStore()), ...options })
    const port = await serve(host(sessions, handle) as never)
    return async (...paths: string[]) => {
      const visitor = new Visitor(port)
      const said: unknown[] = []
      for (const path of paths) said.push((await visitor.get(path)).headers['clear-site-data'])
      return said
    }
  }

  test('is said by the answer to a sign-out, and by no other', async () => {
    const said = await site()
    const clears = '"cache", "storage"'
    expect(await said('/sign-in', '/', '/new-id', '/sign-out', '/')).toEqual([
      undefined,
      undefined,
      undefined,
      clears,
      undefined,
    ])
    expect(await said('/sign-in', '/logout')).toEqual([undefined, clears])
    expect(await said('/sign-in', '/sign-out-and-say', '/')).toEqual([undefined, clears, undefined])
  })

  test('names no cookies where the answer brings one, of a session that has begun since', async () => {
    const said = await site({ clearSiteData: ['cookies', 'storage'] })
    const clears = '"cookies", "storage"'
    expect(await said('/sign-in', '/sign-out')).toEqual([undefined, clears])
    expect(await said('/sign-in', '/sign-out-and-say')).toEqual([undefined, '"storage"'])
    const saidOfAll = await site({ clearSiteData: ['*'] })
    expect(await saidOfAll('/sign-in', '/sign-out-and-say')).toEqual([undefined, undefined])
  })

  test('is not said to a client without a cookie: it may be a page of another site that asks', async () => {
    const said = await site()
    expect(await said('/sign-out')).toEqual([undefined])
  })

  test('is beside what the handler clears itself', async () => {
    const said = await site()
    expect(await said('/sign-in', '/own')).toEqual([undefined, '"executionContexts", "cache", "storage"'])
    expect(await said('/sign-in', '/own-all')).toEqual([undefined, '"*", "cache", "storage"'])
  })

  test('is nothing by default', async () => {
    const said = await site({})
    expect(await said('/sign-in', '/sign-out', '/sign-in', '/own')).toEqual([
      undefined,
      undefined,
      undefined,
      '"executionContexts", "cache"',
    ])
  })
})

describe.each(Object.entries(hosts))('clearSiteData: %s', (_, host) => {
  test('a second click on "sign out", whose session is gone by then, has an answer of its own that says so', async () => {
    const sessions = createSessions({ store: memoryStore(), clearSiteData: ['storage'] })
    const port = await serve(host(sessions, handle) as never)
    const [first, second] = [new Visitor(port), new Visitor(port)]
    first.keep(await second.get('/sign-in'))
    expect((await first.get('/sign-out')).headers['clear-site-data']).toBe('"storage"')
    expect((await second.get('/sign-out')).headers['clear-site-data']).toBe('"storage"')
  })

  test('a sign-out that fails clears nothing', async () => {
    const { store, broken } = breakable()
    const sessions = createSessions({ store, clearSiteData: ['storage'] })
    const port = await serve(
      host(sessions, async (exchange) => {
        if (exchange.path === '/sign-in') return handle(exchange)
        return exchange.session.destroy().then(
          () => 'out',
          () => 'not out',
        )
      }) as never,
    )
    const visitor = new Visitor(port)
    await visitor.get('/sign-in')
    broken.add('delete')
    const { text, headers } = await visitor.get('/sign-out')
    expect([text, headers['clear-site-data']]).toEqual(['not out', undefined])
    broken.clear()
    expect((await visitor.get('/sign-out')).headers['clear-site-data']).toBe('"storage"')
  })
})

test('no shared cache keeps an answer that clears, also where no cookie goes with it', async () => {
  const store = memoryStore()
  const auto = createSessions({ store, cookie: { prefix: false } })
  const secure = createSessions({
    store,
    cookie: { prefix: false, secure: true },
    clearSiteData: ['storage'],
  })
  const visitor = new Visitor(await serve(hosts['node:http']!(auto, handle) as never))
  await visitor.get('/sign-in')
  const port = await serve(hosts['node:http']!(secure, handle) as never)
  const elsewhere = new Visitor(port)
  for (const [name, value] of visitor.cookies) elsewhere.cookies.set(name, value)
  const { headers, setCookies } = await elsewhere.get('/sign-out')
  expect(setCookies).toEqual([])
  expect(headers).toMatchObject({ 'clear-site-data': '"storage"', 'cache-control': 'private' })
})
