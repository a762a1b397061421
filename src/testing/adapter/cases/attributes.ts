import assert from 'node:assert/strict'
import { type Case, group } from '../case.ts'
import type { Room } from '../room.ts'
import { attributesOf, sessionCookies } from '../visitor.ts'

const OVER_HTTPS = { headers: { 'x-forwarded-proto': 'https' } }
const OVER_HTTP = { headers: { 'x-forwarded-proto': 'http' } }

/** That the word of a proxy that is trusted counts. */
export async function proxyIsBelieved(room: Room): Promise<void> {
  const visitor = room.visitor()
  const [line] = sessionCookies(await visitor.get('/begin', OVER_HTTPS))
  assert.match(line ?? '', /^__Host-sid=/)
  assert.ok(attributesOf(line!).has('secure'), 'over https the cookie should be Secure')
  assert.equal((await visitor.get('/values', OVER_HTTPS)).text, '{"name":"Ada"}')
}

export const attributes: Case[] = [
  ...group(
    'cookie',
    {
      'its name, its SameSite and its end are as the options say': async (room) => {
        const visitor = room.visitor()
        const [line] = sessionCookies(await visitor.get('/begin'))
        assert.match(line ?? '', /^shop=/)
        const found = attributesOf(line!)
        assert.equal(found.get('samesite')?.toLowerCase(), 'strict')
        assert.deepEqual([found.has('max-age'), found.has('expires')], [false, false])
        assert.equal((await visitor.get('/values')).text, '{"name":"Ada"}')
      },
    },
    { kind: 'named' },
  ),
  ...group(
    'cookie',
    {
      'over https, as a proxy says that is trusted, it is Secure and named so': proxyIsBelieved,
      'over http, as a proxy says that is trusted, it is not Secure': async (room) => {
        for (const question of [OVER_HTTP, {}]) {
          const [line] = sessionCookies(await room.visitor().get('/begin', question))
          assert.match(line ?? '', /^sid=/)
          assert.equal(attributesOf(line!).has('secure'), false)
        }
      },
    },
    { kind: 'proxied', needs: ['proxy'] },
  ),
  ...group('cookie', {
    'the word of a proxy that nobody trusts is not believed': async (room) => {
      const [line] = sessionCookies(await room.visitor().get('/begin', OVER_HTTPS))
      assert.match(line ?? '', /^sid=/)
      assert.equal(attributesOf(line!).has('secure'), false)
    },
    'those of the application are sent beside it, each in its line': async (room) => {
      const own: [string, string][] = [
        ['Set-Cookie', 'theme=dark; Path=/'],
        ['Set-Cookie', 'lang=en; Path=/; HttpOnly'],
      ]
      room.pages({
        '/choose': (session) => {
          session.name = 'Ada'
          return { status: 200, headers: own, body: 'ok' }
        },
      })
      const visitor = room.visitor()
      for (const count of [1, 0]) {
        const answer = await visitor.get('/choose')
        assert.equal(sessionCookies(answer).length, count)
        const pairs = answer.setCookies.map((line) => line.split(';')[0]!)
        assert.deepEqual(pairs.filter((pair) => !/^sid=/.test(pair)).sort(), ['lang=en', 'theme=dark'])
      }
    },
  }),
]
