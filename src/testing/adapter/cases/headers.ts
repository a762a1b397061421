import assert from 'node:assert/strict'
import { type Case, group } from '../case.ts'
import { type Room, text } from '../room.ts'
import { type Answer, sessionCookies } from '../visitor.ts'

const parts = (header: string | undefined): string[] => (header ?? '').toLowerCase().split(/\s*,\s*/)

export function assertVaries({ header }: Pick<Answer, 'header'>): void {
  assert.ok(parts(header('Vary')).includes('cookie'), 'the answer should have `Vary: Cookie`')
}

/** That no cache keeps it that several visitors have. */
export function assertPrivate({ header }: Pick<Answer, 'header'>): void {
  const found = parts(header('Cache-Control'))
  assert.ok(found.includes('private') || found.includes('no-store'), 'the answer should be `private`')
  assert.equal(found.includes('public'), false, 'the answer should not be `public` as well')
}

/** That an answer says on what it depends. */
export async function readVaries(room: Room): Promise<void> {
  for (const visitor of [room.visitor(), await room.known()]) assertVaries(await visitor.get('/values'))
}

const PUBLIC: [string, string][] = [['Cache-Control', 'public, max-age=60']]

/** Caches of networks look at these in the place of `Cache-Control`. */
const OF_NETWORKS = ['CDN-Cache-Control', 'Surrogate-Control', 'Vercel-CDN-Cache-Control']

export const headers: Case[] = [
  ...group(
    'headers',
    {
      'an answer that depends on the session says so in Vary': readVaries,
      'no shared cache may keep an answer with a cookie': async (room) => {
        assertPrivate(await room.visitor().get('/begin'))
      },
      'no shared cache may keep an answer that gives another cookie to who is known': async (room) => {
        room.pages({
          '/rotate': async (session) => {
            await session.rotate()
            return text('ok', { headers: PUBLIC })
          },
          '/login': async (session) => {
            await session.login('ada')
            return text('ok')
          },
          '/forget': (session) => {
            session.setExpiry('browser')
            return text('ok', { headers: PUBLIC })
          },
        })
        const visitor = await room.known()
        for (const path of ['/rotate', '/login', '/forget']) {
          const answer = await visitor.get(path)
          assert.equal(sessionCookies(answer).length, 1)
          assertPrivate(answer)
        }
      },
      'no shared cache may keep an answer that removes a cookie': async (room) => {
        room.pages({ '/public': (session) => text(String(session.name), { headers: PUBLIC }) })
        const visitor = await room.known()
        await room.store.behind.save(visitor.key, { expiresAt: 0 })
        for (const answer of [await visitor.get('/public'), await (await room.known()).get('/logout')]) {
          assert.equal(sessionCookies(answer).length, 1)
          assertPrivate(answer)
        }
      },
      'nor may the cache of a network, whatever the page says for that': async (room) => {
        room.pages({
          '/page': (session) => {
            session.name = 'Ada'
            return text('ok', { headers: OF_NETWORKS.map((name) => [name, 'public, max-age=60']) })
          },
        })
        const visitor = room.visitor()
        const [first, second] = [await visitor.get('/page'), await visitor.get('/page')]
        assert.equal(sessionCookies(first).length, 1)
        for (const name of OF_NETWORKS) {
          assert.match(
            first.header(name) ?? '',
            /^(no-store|private)\b/,
            `with a cookie ${name} should forbid it`,
          )
          assert.equal(second.header(name), 'public, max-age=60', `${name} should stay where no cookie is`)
        }
      },
      'what the page says in Vary and Cache-Control stays, as far as it may': async (room) => {
        room.pages({
          '/page': (session) => {
            session.name = 'Ada'
            const own: [string, string][] = [
              ['Vary', 'Accept-Language'],
              ['Cache-Control', 'public, max-age=60'],
            ]
            return text('ok', { headers: own })
          },
        })
        const visitor = room.visitor()
        const first = await visitor.get('/page')
        assert.equal(sessionCookies(first).length, 1)
        for (const wanted of ['accept-language', 'cookie']) {
          assert.ok(parts(first.header('Vary')).includes(wanted), `Vary should have ${wanted}`)
        }
        assert.deepEqual(parts(first.header('Cache-Control')), ['private', 'max-age=60'])
        const second = await visitor.get('/page')
        assert.deepEqual(parts(second.header('Cache-Control')), ['public', 'max-age=60'])
        assert.ok(parts(second.header('Vary')).includes('accept-language'))
      },
    },
    { needs: ['headers'] },
  ),
  ...group(
    'headers',
    {
      'a sign-out tells the browser what to clear, by the option for it': async (room) => {
        const visitor = await room.known()
        const answer = await visitor.get('/logout')
        assert.equal(answer.header('Clear-Site-Data'), '"cache"')
        assert.equal((await room.visitor().get('/logout')).header('Clear-Site-Data'), undefined)
      },
    },
    { kind: 'proxied', needs: ['headers'] },
  ),
]
