import assert from 'node:assert/strict'
import { type Case, overBoth } from '../case.ts'
import { meeting } from '../gate.ts'
import { type Room, text } from '../room.ts'

const MANY = 50

/** Requests of one visitor that are all under way before one of them changes anything. */
async function atOnce(room: Room, count: number, change: Parameters<typeof changing>[1]) {
  const visitor = await room.known()
  changing(meeting(count), change, room)
  const requests = Array.from({ length: count }, (_, n) => visitor.get(`/change?${n}`))
  for (const { status } of await Promise.all(requests)) assert.equal(status, 200)
  return { visitor, values: await room.stored(visitor.key) }
}

function changing(
  allThere: () => Promise<void>,
  change: (session: Parameters<Parameters<Room['pages']>[0][string]>[0], n: string) => void,
  room: Room,
): void {
  room.pages({
    '/change': async (session, { url }) => {
      // What is there is read before the others change it.
      void session.name
      await allThere()
      change(session, url.split('?')[1]!)
      return text('ok')
    },
  })
}

export const overlapping: Case[] = overBoth('overlapping', {
  'what two requests change at once is both kept': async (room) => {
    const { visitor, values } = await atOnce(room, 2, (session, n) => {
      session[`value${n}`] = n
    })
    assert.deepEqual(values, { name: 'Ada', value0: '0', value1: '1' })
    const shown = (await visitor.get('/values')).text
    assert.deepEqual(JSON.parse(shown), values)
  },
  [`what ${MANY} requests change at once is all kept`]: async (room) => {
    const { values } = await atOnce(room, MANY, (session, n) => {
      session[`value${n}`] = n
    })
    assert.equal(Object.keys(values ?? {}).length, MANY + 1)
  },
  'what is counted by an update is exact': async (room) => {
    const { values } = await atOnce(room, 20, (session) => {
      session.update('count', (count = 0) => count + 1)
    })
    assert.deepEqual(values, { name: 'Ada', count: 20 })
  },
  'visitors who come at once have each their own session': async (room) => {
    const allThere = meeting(2)
    room.pages({
      '/me': async (session, { url }) => {
        const name = url.split('?')[1]!
        session.name = name
        await allThere()
        return text(String(session.name))
      },
    })
    const [ada, grace] = [room.visitor(), room.visitor()]
    const answers = await Promise.all([ada.get('/me?Ada'), grace.get('/me?Grace')])
    assert.deepEqual(
      answers.map((answer) => answer.text),
      ['Ada', 'Grace'],
    )
    assert.notEqual(ada.id, grace.id)
    assert.deepEqual(await room.stored(ada.key), { name: 'Ada' })
    assert.deepEqual(await room.stored(grace.key), { name: 'Grace' })
  },
})
