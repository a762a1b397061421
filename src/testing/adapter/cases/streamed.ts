import assert from 'node:assert/strict'
import { type Case, overBoth } from '../case.ts'
import { gate, until } from '../gate.ts'
import { type Room, text } from '../room.ts'
import type { AdapterSession } from '../site.ts'
import { sessionCookies, type Visitor } from '../visitor.ts'

/** For how long a stream waits for a client that never gets its first piece. */
const LONGEST_MS = 1000

/** A page whose body has a first piece, and the rest once the client has that. `between`: what is done meanwhile. */
function inTwoPieces(room: Room, between: (session: AdapterSession) => unknown = () => {}) {
  let arrived = false
  const went = { on: false }
  async function* pieces(session: AdapterSession): AsyncIterable<string> {
    yield 'one '
    await until(() => arrived, LONGEST_MS)
    went.on = true
    await between(session)
    yield 'two'
  }
  room.pages({
    '/stream': (session) => {
      session.begun = 'yes'
      return text(pieces(session))
    },
  })
  const open = () => {
    arrived = true
  }
  return { arrived: open, went }
}

/** That a body arrives piece by piece. */
export async function comesInPieces(room: Room): Promise<void> {
  const { arrived, went } = inTwoPieces(room)
  const answer = await room.visitor().begin('/stream')
  assert.equal(await answer.piece(), 'one ')
  assert.equal(went.on, false, 'the first piece of a body should be sent while the page works on the next')
  arrived()
  assert.equal(await answer.rest(), 'two')
}

/** A page whose answer is out when `after` runs. Gives what that has come to. */
function answeredFirst(room: Room, after: (session: AdapterSession) => unknown) {
  const arrived = gate()
  const work: Promise<unknown>[] = []
  room.pages({
    '/answer': (session) => {
      session.begun = 'yes'
      work.push(arrived.opened.then(() => after(session)))
      return text('one')
    },
  })
  const done = () => {
    arrived.open()
    return room.arrival(Promise.all(work), 'end of what the page does afterwards')
  }
  return { done }
}

const assertTold = async (room: Room, visitor: Visitor) => {
  const isTold = await until(() => room.eventsOf(visitor.key).includes('late-change'))
  assert.ok(isTold, 'the event `late-change` should tell of it')
  assert.deepEqual(await room.stored(visitor.key), { begun: 'yes' })
}

const changes = (session: AdapterSession) => {
  session.late = 'yes'
}

const changesAndSaves = (session: AdapterSession) => {
  session.late = 'yes'
  return session.save()
}

export const streamed: Case[] = [
  ...overBoth(
    'streamed',
    {
      'a body is sent as it comes, behind the cookie, and after what was changed was stored': async (
        room,
      ) => {
        const { arrived } = inTwoPieces(room)
        const visitor = room.visitor()
        const answer = await visitor.begin('/stream')
        assert.equal(await answer.piece(), 'one ')
        assert.equal(sessionCookies(answer).length, 1)
        assert.deepEqual(await room.stored(visitor.key), { begun: 'yes' })
        arrived()
        assert.equal(await answer.rest(), 'two')
      },
      'what is changed while a body is sent is not stored, and somebody is told': async (room) => {
        const { arrived } = inTwoPieces(room, changes)
        const visitor = room.visitor()
        const answer = await visitor.begin('/stream')
        arrived()
        assert.equal(await answer.rest(), 'one two')
        await assertTold(room, visitor)
      },
      'what is changed while a body is sent is stored by a save that is asked for': async (room) => {
        const { arrived } = inTwoPieces(room, changesAndSaves)
        const visitor = room.visitor()
        const answer = await visitor.begin('/stream')
        arrived()
        assert.equal(await answer.rest(), 'one two')
        assert.deepEqual(await room.stored(visitor.key), { begun: 'yes', late: 'yes' })
        assert.deepEqual(room.eventsOf(visitor.key), ['created'])
      },
    },
    ['stream'],
  ),
  ...overBoth('late', {
    'what is changed once the answer is out is not stored, and somebody is told': async (room) => {
      const { done } = answeredFirst(room, changes)
      const visitor = room.visitor()
      await visitor.get('/answer')
      await done()
      await assertTold(room, visitor)
    },
    'what is changed once the answer is out is stored by a save that is asked for': async (room) => {
      const { done } = answeredFirst(room, changesAndSaves)
      const visitor = room.visitor()
      await visitor.get('/answer')
      assert.deepEqual(await done(), [true])
      assert.deepEqual(await room.stored(visitor.key), { begun: 'yes', late: 'yes' })
      assert.deepEqual(room.eventsOf(visitor.key), ['created'])
    },
  }),
]
