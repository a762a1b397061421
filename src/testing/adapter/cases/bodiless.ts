import assert from 'node:assert/strict'
import { type Case, group } from '../case.ts'
import { type Room, text } from '../room.ts'
import { sessionCookies } from '../visitor.ts'

/** That a page is asked for HEAD. */
export async function headIsAnswered(room: Room): Promise<void> {
  let asked = 0
  room.pages({
    '/page': () => {
      asked++
      return text('hello', { headers: [['X-Colour', 'red']] })
    },
  })
  const answer = await room.visitor().get('/page', { method: 'HEAD' })
  assert.deepEqual([asked, answer.status, answer.header('X-Colour'), answer.text], [1, 200, 'red', ''])
}

export const bodiless: Case[] = [
  ...group(
    'bodiless',
    {
      'HEAD has the cookie that GET has, and what it changes is stored': async (room) => {
        const visitor = room.visitor()
        const answer = await visitor.get('/begin', { method: 'HEAD' })
        assert.deepEqual([answer.status, answer.text, sessionCookies(answer).length], [200, '', 1])
        assert.deepEqual(await room.stored(visitor.key), { name: 'Ada' })
        assert.equal((await visitor.get('/values')).text, '{"name":"Ada"}')
      },
    },
    { needs: ['head'] },
  ),
]
