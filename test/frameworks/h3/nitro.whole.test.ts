import * as h3 from 'h3v1'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { memoryStore } from '../../../src/memory.ts'
import { conforms } from '../../adapters/support/conformance.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'
import { answer } from './hosts.ts'
import { NitroApp } from './nitro/build.ts'
import type { NitroSite } from './nitro/site.ts'
import { listening } from './serve.ts'

const app = new NitroApp()
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

// Nitro calls itself, and a cloud function calls it, with a response that is read when the handler is through.
test('what it fetches of itself is whole, and has its session, over a store that answers later', async () => {
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
      const answers = [await fetchOwn('/inner'), await fetchOwn('/broken')]
      return Promise.all(answers.map(async (each) => [each.status, await each.text()]))
    },
  })
  await visit('/begin')
  const [[status, text], [broken, said]] = JSON.parse(await (await visit('/')).text())
  expect([status, broken]).toEqual([302, 418])
  expect(text).toContain('there')
  expect(said).toContain('no coffee')
  expect(await (await visit('/all')).json()).toEqual({ inner: 1, broken: 1, outer: 1 })
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
