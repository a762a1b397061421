import assert from 'node:assert/strict'
import { type Case, group } from '../case.ts'
import { type Room, text } from '../room.ts'
import { sessionCookies } from '../visitor.ts'

const parts = (header: string | undefined): string[] => (header ?? '').toLowerCase().split(/\s*,\s*/)

/** That an answer says on what it depends. */
export async function readVaries(room: Room): Promise<void> {
  for (const visitor of [room.visitor(), await room.known()]) {
    const answer = await visitor.get('/values')
    assert.ok(parts(answer.header('Vary')).includes('cookie'), 'the answer should have `Vary: Cookie`')
  }
}

export const headers: Case[] = [
  ...group(
    'headers',
    {
      'an answer that depends on the session says so in Vary': readVaries,
      'no shared cache may keep an answer with a cookie': async (room) => {
        const answer = await room.visitor().get('/begin')
        assert.ok(parts(answer.header('Cache-Control')).includes('private'), 'it should be private')
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
