import assert from 'node:assert/strict'
import { type SessionKey, sessionKey } from '../../../contract/key.ts'
import { type Case, group, overBoth } from '../case.ts'
import { gate, until } from '../gate.ts'
import { type Room, text } from '../room.ts'
import { endingNoProcess } from '../unhandled.ts'
import { sessionCookies } from '../visitor.ts'
import { assertPrivate, assertVaries } from './headers.ts'

/** That whoever was signed in by a page that fails afterwards gets the cookie of it. */
export async function signedInThenFailed(room: Room): Promise<void> {
  room.pages({
    '/login': async (session) => {
      await session.login('ada')
      throw new Error('a page fails after a sign-in, as its case wants it')
    },
    '/owner': (session) => text(String(session.owner)),
  })
  const visitor = room.visitor()
  const answer = await visitor.get('/login')
  assert.ok(answer.status >= 500, `the framework should answer the error, not ${answer.status}`)
  assert.equal((await visitor.get('/owner')).text, 'ada')
}

/** That a page whose client leaves goes on, and what it changes then is kept. */
export const leftThenChanged = (room: Room): Promise<void> =>
  endingNoProcess(async () => {
    const [come, gone] = [gate(), gate()]
    room.pages({
      '/slow': async (session) => {
        come.open()
        await gone.opened
        session.slow = 'done'
        return text('nobody reads this')
      },
    })
    const visitor = await room.known()
    const request = visitor.send('/slow')
    await room.arrival(come.opened, 'call of the page')
    request.destroy()
    await room.aWhile()
    // By what it answers afterwards the server has heard of it, however busy the machine is.
    await visitor.get('/values')
    await room.aWhile()
    gone.open()
    const isKept = await until(async () => (await room.stored(visitor.key))?.slow === 'done')
    assert.ok(isKept, 'what the page had changed should be stored')
    assert.equal((await visitor.get('/values')).text, '{"name":"Ada","slow":"done"}')
  })

export const failed: Case[] = [
  ...overBoth('failed', {
    'a page that throws is answered by the framework, and what it had changed is kept': (room) =>
      endingNoProcess(async () => {
        room.pages({
          '/fails': (session, { method }) => {
            session.attempt = method
            throw new Error('a page fails, as its case wants it')
          },
        })
        const visitor = await room.known()
        for (const method of ['GET', 'POST', 'DELETE']) {
          const { status } = await visitor.get('/fails', { method })
          assert.ok(status >= 500, `the framework should answer the error, not ${status}`)
          assert.deepEqual(await room.stored(visitor.key), { name: 'Ada', attempt: method })
          assert.equal((await visitor.get('/values')).text, `{"name":"Ada","attempt":"${method}"}`)
        }
      }),
    'a page that throws begins a session with its cookie, or none at all': async (room) => {
      const keys: SessionKey[] = []
      room.pages({
        '/fails': (session) => {
          session.attempts = 1
          keys.push(sessionKey(session.id))
          throw new Error('a page fails, as its case wants it')
        },
      })
      const answer = await room.visitor().get('/fails')
      assert.ok(answer.status >= 500, `the framework should answer the error, not ${answer.status}`)
      const isStored = (await room.stored(keys[0]!)) !== undefined
      assert.equal(sessionCookies(answer).length, isStored ? 1 : 0)
    },
  }),
  ...overBoth(
    'failed',
    { 'a sign-in that was done stands, whatever its page throws afterwards': signedInThenFailed },
    ['errorCookie'],
  ),
  ...group(
    'failed',
    {
      'the answer of an error with a cookie is private, and says in Vary on what it depends': async (
        room,
      ) => {
        room.pages({
          '/login': async (session) => {
            await session.login('ada')
            throw new Error('a page fails after a sign-in, as its case wants it')
          },
        })
        const answer = await room.visitor().get('/login')
        assert.ok(answer.status >= 500, `the framework should answer the error, not ${answer.status}`)
        assert.equal(sessionCookies(answer).length, 1)
        assertPrivate(answer)
        assertVaries(answer)
      },
    },
    { needs: ['errorCookie', 'headers'] },
  ),
  ...overBoth(
    'failed',
    { 'what a client that has gone had changed is kept, and the others are served': leftThenChanged },
    ['abandoned'],
  ),
]
