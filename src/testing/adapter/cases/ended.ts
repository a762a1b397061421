import assert from 'node:assert/strict'
import { sessionKey } from '../../../contract/key.ts'
import { type Case, overBoth } from '../case.ts'
import { gate } from '../gate.ts'
import { type Room, text } from '../room.ts'
import { attributesOf, sessionCookies } from '../visitor.ts'

/** That an answer removes the cookie, in the way that a browser takes for the same one. */
function assertRemoved(answer: { setCookies: readonly string[] }): void {
  const cookies = sessionCookies(answer)
  assert.equal(cookies.length, 1, `one line should remove the cookie, there are ${cookies.length}`)
  assert.match(cookies[0]!, /^sid=;/)
  const attributes = attributesOf(cookies[0]!)
  assert.deepEqual([attributes.get('max-age'), attributes.get('path')], ['0', '/'])
}

/** That a cookie leads to nothing any more. */
async function assertNobody(room: Room, cookie: string): Promise<void> {
  const stranger = room.visitor()
  assert.equal((await stranger.get('/values', { cookie })).text, '{}')
}

export const ended: Case[] = overBoth('ended', {
  "a session that has expired is nobody's, and its cookie is removed": async (room) => {
    const visitor = await room.known()
    const { cookie } = visitor
    await room.store.behind.save(visitor.key, { expiresAt: 0 })
    const answer = await visitor.get('/values')
    assert.equal(answer.text, '{}')
    assertRemoved(answer)
    assert.equal(visitor.cookie, '')
    await assertNobody(room, cookie)
  },
  'a sign-out ends the session, and removes its cookie': async (room) => {
    const visitor = await room.known()
    const { cookie, key } = visitor
    const answer = await visitor.get('/logout')
    assert.equal(answer.text, 'bye')
    assertRemoved(answer)
    assert.equal(await room.stored(key), undefined)
    await assertNobody(room, cookie)
  },
  "a sign-in gives another id, and the old one is nobody's": async (room) => {
    room.pages({
      '/login': async (session) => {
        await session.login('ada')
        session.since = 'today'
        return text('hello')
      },
      '/owner': (session) => text(String(session.owner)),
    })
    const visitor = await room.known()
    const { cookie, id } = visitor
    const answer = await visitor.get('/login')
    assert.deepEqual([answer.status, sessionCookies(answer).length], [200, 1])
    assert.notEqual(visitor.id, id)
    assert.equal((await visitor.get('/owner')).text, 'ada')
    assert.deepEqual(await room.stored(visitor.key), { since: 'today' })
    assert.equal((await room.visitor().get('/owner', { cookie })).text, 'undefined')
  },
  'a rotation gives another id, under which the values are': async (room) => {
    room.pages({
      '/rotate': async (session) => {
        await session.rotate()
        return text('ok')
      },
    })
    const visitor = await room.known()
    const { cookie, id } = visitor
    assert.equal(sessionCookies(await visitor.get('/rotate')).length, 1)
    assert.notEqual(visitor.id, id)
    assert.equal((await visitor.get('/values')).text, '{"name":"Ada"}')
    await assertNobody(room, cookie)
  },
  "what another process has ended is nobody's": async (room) => {
    const visitor = await room.known()
    await visitor.get('/values')
    await room.store.behind.delete(visitor.key)
    const answer = await visitor.get('/values')
    assert.equal(answer.text, '{}')
    assertRemoved(answer)
  },
  'a request that is under way at a sign-out is answered as it was meant, with no cookie, and stores nothing':
    async (room) => {
      const [come, gone] = [gate(), gate()]
      room.pages({
        '/slow': async (session) => {
          session.slow = String(session.name)
          come.open()
          await gone.opened
          return text('slow', { status: 202 })
        },
      })
      const visitor = await room.known()
      const { key, cookie } = visitor
      const slow = visitor.get('/slow')
      await room.arrival(Promise.race([come.opened, slow]), 'call of the page')
      await room.visitor().get('/logout', { cookie })
      gone.open()
      const answer = await slow
      assert.deepEqual([answer.status, answer.text, answer.setCookies], [202, 'slow', []])
      assert.equal(await room.stored(key), undefined)
      assert.ok(room.eventsOf(key).includes('gone'), 'the event `gone` should tell of it')
      await assertNobody(room, cookie)
    },
  'an id that was signed out comes to no session again': async (room) => {
    const visitor = await room.known()
    const { cookie, id } = visitor
    await visitor.get('/logout')
    const again = room.visitor()
    await again.get('/begin', { cookie })
    assert.notEqual(again.id, id)
    assert.equal(await room.stored(sessionKey(id)), undefined)
  },
})
