import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { sessionKey } from '../../../contract/key.ts'
import { type Case, group, overBoth } from '../case.ts'
import { text } from '../room.ts'
import { attributesOf, sessionCookies } from '../visitor.ts'

const newId = () => randomBytes(32).toString('base64url')

export const begun: Case[] = [
  ...overBoth('begun', {
    'the first value of a visitor stores a session, once, and its cookie is sent': async (room) => {
      const visitor = room.visitor()
      const answer = await visitor.get('/begin')
      const cookies = sessionCookies(answer)
      assert.equal(cookies.length, 1, `one cookie should be set, not ${cookies.length}`)
      assert.match(cookies[0]!, /^sid=[\w-]{43};/)
      const attributes = attributesOf(cookies[0]!)
      assert.ok(attributes.has('httponly'), 'the cookie should be HttpOnly')
      assert.equal(attributes.get('samesite')?.toLowerCase(), 'lax')
      assert.equal(attributes.get('path'), '/')
      assert.ok(Number(attributes.get('max-age')) > 0, 'the cookie should have a Max-Age')
      assert.equal(attributes.has('secure'), false, 'on http a Secure cookie is lost')
      assert.deepEqual(await room.stored(visitor.key), { name: 'Ada' })
      const writes = room.store.askedFor(visitor.key).filter((verb) => verb !== 'load')
      assert.deepEqual(writes, ['create'])
      assert.deepEqual(room.eventsOf(visitor.key), ['created'])
    },
    'who only reads has no session, and no cookie': async (room) => {
      const ids: string[] = []
      room.pages({
        '/read': (session) => {
          ids.push(session.id)
          return text(String(session.name))
        },
      })
      const answer = await room.visitor().get('/read')
      assert.deepEqual([answer.text, answer.setCookies], ['undefined', []])
      assert.equal(await room.stored(sessionKey(ids[0]!)), undefined)
    },
    'an id that nobody gave out becomes no session: its visitor gets another one': async (room) => {
      const visitor = room.visitor()
      const planted = newId()
      await visitor.get('/begin', { cookie: `sid=${planted}` })
      assert.notEqual(visitor.id, planted)
      assert.equal(await room.stored(sessionKey(planted)), undefined)
      assert.deepEqual(await room.stored(visitor.key), { name: 'Ada' })
    },
  }),
  ...group('begun', {
    'a cookie that can be no id is as none, and asks no store': async (room) => {
      const before = room.countOf('malformed-cookie')
      const visitor = room.visitor()
      const answer = await visitor.get('/begin', { cookie: 'a=1; sid="><script>; b=%zz' })
      assert.equal(answer.status, 200)
      assert.deepEqual(await room.stored(visitor.key), { name: 'Ada' })
      assert.ok(room.countOf('malformed-cookie') > before, 'the event `malformed-cookie` should tell of it')
    },
    'a page that nobody looked at the session for says nothing of one': async (room) => {
      const known = await room.known()
      for (const visitor of [room.visitor(), known]) {
        const answer = await visitor.get('/unlooked')
        assert.deepEqual([answer.text, answer.setCookies], ['about us', []])
        assert.doesNotMatch(answer.header('Vary') ?? '', /cookie/i)
      }
      const writes = room.store.askedFor(known.key).filter((verb) => verb !== 'load')
      assert.deepEqual(writes, ['create'], 'the session should not be written')
    },
  }),
]
