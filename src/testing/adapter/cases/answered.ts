import assert from 'node:assert/strict'
import { type Case, group } from '../case.ts'
import { text } from '../room.ts'

export const answered: Case[] = group('served', {
  'a page is asked with the method, the path and the query of its request': async (room) => {
    const seen: unknown[] = []
    room.pages({
      '/form': (_session, { method, url }) => {
        seen.push([method, url.replace(/^\/[^/]*/, '')])
        return text('thanks')
      },
    })
    await room.visitor().get('/form?a=1&b=%C3%BC', { method: 'POST' })
    assert.deepEqual(seen, [['POST', '/form?a=1&b=%C3%BC']])
  },
  'what a page answers arrives: its status, its headers, its text': async (room) => {
    room.pages({ '/made': () => text('größer', { status: 201, headers: [['X-Colour', 'red']] }) })
    const answer = await room.visitor().get('/made')
    assert.deepEqual([answer.status, answer.header('X-Colour'), answer.text], [201, 'red', 'größer'])
  },
})
