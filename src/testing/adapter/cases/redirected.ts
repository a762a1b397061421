import assert from 'node:assert/strict'
import { type Case, overBoth } from '../case.ts'
import { text } from '../room.ts'
import { sessionCookies } from '../visitor.ts'

const toValues = (): ReturnType<typeof text> => text('', { status: 303, headers: [['Location', 'values']] })

export const redirected: Case[] = overBoth('redirected', {
  'who follows a redirect at once finds what was changed, a session that it began too': async (room) => {
    room.pages({
      '/change': (session) => {
        session.step = ((session.step as number | undefined) ?? 0) + 1
        return toValues()
      },
    })
    const visitor = room.visitor()
    for (const step of [1, 2, 3]) {
      const answer = await visitor.begin('/change')
      assert.equal(answer.status, 303)
      // Some hosts send it whole.
      assert.match(answer.header('Location') ?? '', /(?:^|\/)values$/)
      assert.equal(sessionCookies(answer).length, step === 1 ? 1 : 0)
      // The head is enough for a browser to go on.
      assert.equal((await visitor.get('/values')).text, `{"step":${step}}`)
      await answer.rest()
    }
  },
  'who is signed in by a redirect is signed in at once': async (room) => {
    room.pages({
      '/login': async (session) => {
        await session.login('ada')
        return toValues()
      },
      '/owner': (session) => text(String(session.owner)),
    })
    const visitor = await room.known()
    const answer = await visitor.begin('/login')
    assert.equal((await visitor.get('/owner')).text, 'ada')
    await answer.rest()
  },
})
