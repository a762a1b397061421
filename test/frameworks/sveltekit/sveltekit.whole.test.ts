import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { fileStore } from '../../../src/file.ts'
import { createSessions, type SessionEvent, type SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { sessionOf, sessions } from '../../../src/sveltekit.ts'
import { gate } from '../../../src/testing/adapter/gate.ts'
import type { PageAnswer } from '../../../src/testing.ts'
import { conforms } from '../../adapters/support/conformance.ts'
import { breakable, slowly } from '../../adapters/support/stores.ts'
import { Application, type Site } from './application.ts'

const application = new Application()
const folder = mkdtempSync(join(tmpdir(), 'untorn-sveltekit-files-'))
let directories = 0
const files = () => fileStore(join(folder, String(directories++)), { sweepEvery: 0 })

beforeAll(async () => {
  // Built before any case is measured.
  const site = await application.serve({ options: {}, page: async () => new Response('') })
  await site.close()
}, 240_000)
afterAll(() => {
  application.remove()
  rmSync(folder, { recursive: true, force: true })
})

function responseOf({ status, headers, body }: PageAnswer): Response {
  const stream = typeof body === 'object' ? Readable.toWeb(Readable.from(body)) : undefined
  const bytes = (stream as ReadableStream | undefined)?.pipeThrough(new TextEncoderStream())
  return new Response(bytes ?? (body as string | undefined) ?? null, { status, headers })
}

conforms('SvelteKit', {
  serve: ({ options, trustProxy, page }) =>
    application.serve({
      options,
      trustProxy,
      async page({ locals, request, url }) {
        const asked = { method: request.method, url: url.pathname + url.search }
        return responseOf(await page(locals.session, asked))
      },
    }),
  over: ['files', 'a store that answers later'],
  concurrent: true,
})

/** A visitor of the application's own pages. */
async function visiting(store: SessionStore, page: Site['page'] = async () => new Response('no page')) {
  const events: SessionEvent[] = []
  const options = { store, onEvent: (event: SessionEvent) => void events.push(event) }
  const site: Site = { options, page }
  const { url, close } = await application.serve(site)
  onTestFinished(close)
  const jar = new Map<string, string>()
  const visit = async (path: string, form?: Record<string, string>, cookies = true) => {
    const head = gate()
    site.headHasLeft = head.opened
    const cookie = cookies ? [...jar].map((pair) => pair.join('=')).join('; ') : ''
    const response = await fetch(url + path, {
      method: form ? 'POST' : 'GET',
      headers: { cookie, origin: url, accept: 'text/html' },
      redirect: 'manual',
      ...(form && { body: new URLSearchParams(form) }),
    })
    head.open()
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0]!.split('=')
      jar.set(name!, value!)
    }
    return {
      status: response.status,
      text: await response.text(),
      lines: response.headers.getSetCookie(),
      response,
    }
  }
  const sidLines = (lines: string[]) => lines.filter((line) => line.startsWith('sid='))
  return { visit, events, jar, sidLines }
}

/** What a page shows of the data of its load function and of its action. */
function shown(html: string) {
  const [, text] = /<pre>(.*?)<\/pre>/.exec(html) ?? []
  return JSON.parse(text!.replaceAll('&quot;', '"'))
}

describe('pages of SvelteKit', () => {
  test('a form signs in, its redirect has the cookie, and event.cookies stand beside it', async () => {
    const { visit, sidLines } = await visiting(files())
    const signedIn = await visit('/form?/login', { user: 'ada' })
    expect([signedIn.status, signedIn.response.headers.get('location')]).toEqual([303, '/form'])
    expect(sidLines(signedIn.lines)).toHaveLength(1)
    const page = await visit('/form')
    expect(shown(page.text).data.values).toEqual({ user: 'ada' })
    expect(page.lines).toEqual([expect.stringMatching(/^theme=dark/)])
    expect(page.response.headers.get('vary')).toContain('Cookie')
  })

  test('what an action had changed before fail(), and a load function before error(), is kept', async () => {
    const { visit, sidLines } = await visiting(slowly(memoryStore()))
    const refused = await visit('/form?/refused', { user: 'ada' })
    expect(refused.status).toBe(400)
    expect(shown(refused.text)).toEqual({ data: { values: { tries: 1 } }, form: { wrong: true } })
    expect(sidLines(refused.lines)).toHaveLength(1)
    const failed = await visit('/form?way=error')
    expect([failed.status, failed.text]).toEqual([418, expect.stringContaining('no coffee')])
    expect(shown((await visit('/form')).text).data.values).toEqual({ tries: 1, failed: true })
  })

  test('a redirect of another handle has the cookie; an error of it has none, and begins nothing', async () => {
    const { visit, sidLines, events } = await visiting(files())
    const broken = await visit('/broken-hook')
    expect([broken.status, broken.lines, events]).toEqual([500, [], []])
    const guarded = await visit('/guarded')
    expect([guarded.status, guarded.response.headers.get('location')]).toEqual([303, '/form'])
    expect(sidLines(guarded.lines)).toEqual([
      expect.stringMatching(
        /^sid=[\w-]{43}; Max-Age=604800; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
      ),
    ])
    await visit('/broken-hook')
    expect(shown((await visit('/form')).text).data.values).toEqual({ wanted: '/guarded', broken: true })
  })

  test.each([
    ['files', files],
    ['a late store', () => slowly(memoryStore())],
  ])(
    'an endpoint that a page fetches has the session of the page, new ones too, over %s',
    async (_name, store) => {
      const { visit, sidLines, events } = await visiting(store(), async ({ locals, isSubRequest }) => {
        expect(isSubRequest).toBe(true)
        locals.session.inner = 2
        return new Response(JSON.stringify({ ...locals.session }))
      })
      const first = await visit('/form?way=fetch')
      expect(shown(first.text).data).toEqual({ seen: '{"outer":1,"inner":2}', inner: 2 })
      expect(sidLines(first.lines)).toHaveLength(1)
      expect(events.map(({ type }) => type)).toEqual(['created'])
      expect(shown((await visit('/form')).text).data.values).toEqual({ outer: 1, inner: 2 })
    },
  )

  test('an endpoint that is fetched as nobody has no session of anybody', async () => {
    const { visit } = await visiting(files(), async ({ locals, url, fetch }) => {
      if (url.pathname === '/nobody') return new Response(JSON.stringify({ ...locals.session }))
      locals.session.secret = 1
      return fetch('/nobody', { credentials: 'omit' })
    })
    await visit('/mine')
    expect((await visit('/mine')).text).toBe('{}')
  })

  test('what a streamed promise changes is told as late; what it fetches is saved by itself', async () => {
    const { visit, events } = await visiting(files(), async ({ locals }) => {
      locals.session.fetched = true
      return new Response('ok')
    })
    await visit('/form?/refused', {})
    expect((await visit('/streamed')).text).toContain('streamed')
    await expect.poll(() => events.map(({ type }) => type)).toContain('late-change')
    expect(shown((await visit('/form')).text).data.values).toEqual({ tries: 1, views: 1, fetched: true })
  })

  test('a store that can not save is an error of the application, told to its handleError', async () => {
    const { store, broken } = breakable()
    const { visit } = await visiting(store)
    broken.add('create')
    const { status, text, lines } = await visit('/form?/refused', {})
    expect([status, lines]).toEqual([500, []])
    expect(text).toContain('said by the application')
  })

  test('fifty requests of one visitor at once lose nothing', async () => {
    const { visit, jar } = await visiting(files(), async ({ locals, url }) => {
      if (url.pathname === '/count') await locals.session.update('count', (count = 0) => count + 1)
      locals.session[url.search.slice(1)] = true
      return new Response('ok')
    })
    await visit('/begin?begun')
    const before = new Map(jar)
    await Promise.all(Array.from({ length: 50 }, (_, n) => visit(`/count?n${n}`)))
    expect(jar).toEqual(before)
    const { values } = shown((await visit('/form')).text).data
    expect(values.count).toBe(50)
    expect(Object.keys(values)).toHaveLength(52)
  })

  test('a build opens no store, though it runs hooks and renders pages', async () => {
    const { visit } = await visiting(files())
    expect((await visit('/about')).text).toContain('the same for all')
    expect(application.leftBehind()).toBe(false)
  })
})

describe('misuse', () => {
  const event = () => ({
    request: new Request('https://shop.example/'),
    locals: {} as object,
    cookies: { set() {} },
    isSubRequest: false,
  })
  const resolve = () => new Response('ok')

  test('is refused where it is made', async () => {
    const handle = sessions({ store: memoryStore() })
    await expect(handle({} as never)).rejects.toThrow('export const handle = sessions()')
    const foreign = { ...event(), locals: { session: {} } }
    await expect(handle({ event: foreign, resolve })).rejects.toThrow(
      'is there already, from another library',
    )
    expect(() => sessionOf(event())).toThrow('There is no `event.locals.session`')
    expect(() => sessions({ stor: 1 } as never)).toThrow('stor')
    expect(() => sessions({ trustProxy: true } as never)).toThrow('PROTOCOL_HEADER')
    expect(() => sessions({ proxy: true } as never)).toThrow('PROTOCOL_HEADER')
    expect(() => sessions(handle as never)).toThrow('was given a function')
  })

  test('mounted twice it steps aside for the same sessions, and is refused for others of the same cookie', async () => {
    const shared = createSessions({ store: memoryStore() })
    const [outer, same] = [sessions({ sessions: shared }), sessions({ sessions: shared })]
    const other = sessions({ store: memoryStore() })
    const twice = (inner: typeof outer) => {
      const seen = event()
      return outer({
        event: seen,
        resolve: (passed) => inner({ event: passed, resolve: (last) => said(last) }),
      })
    }
    const said = (last: { locals: { session: { user?: string } } }) => {
      last.locals.session.user = 'ada'
      return new Response('ok')
    }
    expect((await twice(same)).headers.getSetCookie()).toHaveLength(1)
    await expect(twice(other)).rejects.toThrow('mounted twice, each time for the cookie "sid"')
    const assigned = event()
    await outer({ event: assigned, resolve })
    expect(() => Object.assign(assigned.locals, { session: {} })).toThrow("can't be assigned")
  })
})
