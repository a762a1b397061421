import assert from 'node:assert/strict'
import { type SessionKey, sessionKey } from '../../../contract/key.ts'
import { type Case, group, overBoth } from '../case.ts'
import { text } from '../room.ts'
import { endingNoProcess } from '../unhandled.ts'
import { sessionCookies } from '../visitor.ts'
import { assertPrivate, assertVaries } from './headers.ts'

function assertFailed({ status }: { status: number }): void {
  assert.ok(status >= 500, `the answer should be that of an error, not ${status}`)
}

export const outage: Case[] = [
  ...overBoth('outage', {
    'a session that can not be loaded is an error, and is there again afterwards': (room) =>
      endingNoProcess(async () => {
        const visitor = await room.known()
        room.store.fail(visitor.key, 'load')
        const answer = await visitor.get('/values')
        assertFailed(answer)
        assert.deepEqual(sessionCookies(answer), [])
        room.store.heal(visitor.key)
        assert.equal((await visitor.get('/values')).text, '{"name":"Ada"}')
      }),
    'a change that can not be saved is an error, and is not there afterwards': (room) =>
      endingNoProcess(async () => {
        room.pages({
          '/rename': (session) => {
            session.name = 'Grace'
            return text('renamed')
          },
        })
        const visitor = await room.known()
        room.store.fail(visitor.key, 'save')
        const answer = await visitor.get('/rename')
        assertFailed(answer)
        assert.deepEqual(sessionCookies(answer), [])
        assert.notEqual(answer.text, 'renamed')
        room.store.heal(visitor.key)
        assert.equal((await visitor.get('/values')).text, '{"name":"Ada"}')
      }),
    'a session that can not be stored is an error, and has no cookie': (room) =>
      endingNoProcess(async () => {
        const keys: SessionKey[] = []
        room.pages({
          '/begin': (session) => {
            keys.push(sessionKey(session.id))
            room.store.fail(keys[0]!, 'create')
            session.name = 'Ada'
            return text('hello')
          },
        })
        const answer = await room.visitor().get('/begin')
        assertFailed(answer)
        assert.deepEqual(sessionCookies(answer), [])
        assert.equal(await room.stored(keys[0]!), undefined)
      }),
  }),
  ...overBoth(
    'outage',
    {
      'a sign-in that was done has its cookie, although what came after it can not be saved': async (
        room,
      ) => {
        const keys: SessionKey[] = []
        room.pages({
          '/login': async (session) => {
            await session.login('ada')
            keys.push(sessionKey(session.id))
            room.store.fail(keys[0]!, 'save')
            session.since = 'today'
            return text('hello')
          },
          '/owner': (session) => text(String(session.owner)),
        })
        const visitor = room.visitor()
        const answer = await visitor.get('/login')
        assertFailed(answer)
        assert.equal(sessionCookies(answer).length, 1)
        room.store.heal(keys[0]!)
        assert.equal((await visitor.get('/owner')).text, 'ada')
      },
    },
    ['errorCookie'],
  ),
  ...group(
    'outage',
    {
      'the answer of a save that failed is private where it has a cookie': async (room) => {
        room.pages({
          '/login': async (session) => {
            await session.login('ada')
            room.store.fail(sessionKey(session.id), 'save')
            session.since = 'today'
            return text('hello', { headers: [['Cache-Control', 'public, max-age=60']] })
          },
        })
        const answer = await room.visitor().get('/login')
        assertFailed(answer)
        assert.equal(sessionCookies(answer).length, 1)
        assertPrivate(answer)
        assertVaries(answer)
      },
    },
    { needs: ['errorCookie', 'headers'] },
  ),
  ...group(
    'outage',
    {
      'no head is sent before a save has been answered': async (room) => {
        const keys: SessionKey[] = []
        let go = () => {}
        room.pages({
          '/begin': (session) => {
            keys.push(sessionKey(session.id))
            go = room.store.hold(keys[0]!, 'create')
            session.name = 'Ada'
            return text('hello')
          },
        })
        const visitor = room.visitor()
        let isAnswered = false
        const answering = visitor.begin('/begin').finally(() => {
          isAnswered = true
        })
        await Promise.race([answering, room.whenAsked(() => keys[0], 'create')])
        await room.aWhile()
        assert.equal(isAnswered, false, 'the head should wait for the save')
        go()
        const answer = await answering
        assert.deepEqual([answer.status, await answer.rest()], [200, 'hello'])
        assert.deepEqual(await room.stored(visitor.key), { name: 'Ada' })
      },
      'a page waits for its session': async (room) => {
        const visitor = await room.known()
        const go = room.store.hold(visitor.key, 'load')
        const answering = visitor.get('/values')
        await room.whenAsked(() => visitor.key, 'load')
        await room.aWhile()
        go()
        assert.equal((await answering).text, '{"name":"Ada"}')
      },
    },
    { kind: 'late' },
  ),
]
