import assert from 'node:assert/strict'
import { sessionKey } from '../../../contract/key.ts'
import { type Case, group, overBoth } from '../case.ts'
import { type Room, text } from '../room.ts'
import { type Question, sessionCookies } from '../visitor.ts'
import { assertPrivate } from './headers.ts'

/** A request that a page of another site has caused. A browser sends no cookie along, but for a link that is followed. */
function ofAnotherSite(mode: string, dest: string): Question {
  const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode, 'sec-fetch-dest': dest }
  return { headers, cookie: '' }
}

const link = ofAnotherSite('navigate', 'document')

/** It says no more of what it sends: some frameworks refuse a form whose `Origin` is another by themselves. */
const form: Question = { ...link, method: 'POST' }

const EMBEDDED: Readonly<Record<string, Question>> = {
  'an image': ofAnotherSite('no-cors', 'image'),
  'a frame': ofAnotherSite('navigate', 'iframe'),
}

/** That it takes away nothing that the visitor's browser has: it sets no cookie, removes none, and stores nothing. */
async function assertLeavesAlone(room: Room, question: Question): Promise<void> {
  const ids: string[] = []
  room.pages({
    '/change': (session) => {
      session.name = 'Mallory'
      ids.push(session.id)
      return text('changed')
    },
  })
  const visitor = await room.known()
  const told = room.countOf('cross-site')
  for (const path of ['/change', '/logout']) {
    const answer = await visitor.get(path, question)
    assert.deepEqual([answer.status, answer.setCookies], [200, []])
  }
  assert.equal(await room.stored(sessionKey(ids[0]!)), undefined)
  assert.ok(room.countOf('cross-site') > told, 'the event `cross-site` should tell of it')
  assert.equal((await visitor.get('/values')).text, '{"name":"Ada"}')
}

export const crossSite: Case[] = [
  ...overBoth('cross-site', {
    'a change and a sign-out by a form of another site leave the visitor their session': (room) =>
      assertLeavesAlone(room, form),
    'what another site embeds begins no session': async (room) => {
      for (const question of Object.values(EMBEDDED)) await assertLeavesAlone(room, question)
    },
    'a link of another site that is followed begins one': async (room) => {
      const visitor = room.visitor()
      const answer = await visitor.get('/begin', link)
      assert.equal(sessionCookies(answer).length, 1)
      assert.deepEqual(await room.stored(visitor.key), { name: 'Ada' })
    },
    'a sign-in by a form of another site is one': async (room) => {
      room.pages({
        '/login': async (session) => {
          await session.login('ada')
          return text('hello')
        },
        '/owner': (session) => text(String(session.owner)),
      })
      const visitor = room.visitor()
      assert.equal(sessionCookies(await visitor.get('/login', form)).length, 1)
      assert.equal((await visitor.get('/owner')).text, 'ada')
    },
  }),
  ...group(
    'cross-site',
    {
      'what a form of another site is answered is for no shared cache': async (room) => {
        assertPrivate(await room.visitor().get('/begin', form))
      },
    },
    { needs: ['headers'] },
  ),
]
