import assert from 'node:assert/strict'
import { type SessionKey, sessionKey } from '../../../contract/key.ts'
import { type AdapterCapability, type Case, type Check, group, overBoth } from '../case.ts'
import { type Room, text } from '../room.ts'
import type { AdapterSession, PageAnswer } from '../site.ts'
import { endingNoProcess } from '../unhandled.ts'
import { type Question, sessionCookies, type Visitor } from '../visitor.ts'
import { assertPrivate, assertVaries } from './headers.ts'

/** What an answer may be, other than a GET's of 200 with a text: an adapter may have a way of its own for it. */
interface Shape {
  asked?: Question
  status?: number
  headers?: PageAnswer['headers']
  /** Default: a text. */
  body?: 'none' | 'stream'
  needs?: readonly AdapterCapability[]
}

const SHAPES: Readonly<Record<string, Shape>> = {
  "a POST's": { asked: { method: 'POST' } },
  "a PUT's": { asked: { method: 'PUT' } },
  "a PATCH's": { asked: { method: 'PATCH' } },
  "a DELETE's": { asked: { method: 'DELETE' } },
  "a HEAD's": { asked: { method: 'HEAD' }, needs: ['head'] },
  'a 204': { status: 204, body: 'none' },
  'a redirect': { status: 303, headers: [['Location', 'values']] },
  'a 304': {
    asked: { headers: { 'if-none-match': '"1"' } },
    status: 304,
    headers: [['ETag', '"1"']],
    body: 'none',
  },
  'a 404': { status: 404 },
  'a 422': { status: 422 },
  'a 503': { status: 503 },
  'a stream': { body: 'stream' },
}

const BODY = 'as the page has it'

/** A page of that shape, that does something to its session before. */
function pageOf({ status = 200, headers = [], body }: Shape, does: (session: AdapterSession) => void) {
  async function* pieces(): AsyncIterable<string> {
    yield BODY
  }
  return {
    '/shaped': (session: AdapterSession) => {
      does(session)
      if (body === 'none') return { status, headers }
      return text(body === 'stream' ? pieces() : BODY, { status, headers })
    },
  }
}

/** What an answer has of its page, whatever the session adds. */
const OWN: PageAnswer['headers'] = [
  ['X-Colour', 'red'],
  ['Set-Cookie', 'theme=dark; Path=/'],
]

const counts = (session: AdapterSession): void => {
  session.seen = ((session.seen as number | undefined) ?? 0) + 1
}

/** That it arrives, and what it begins is stored, and then what it changes, each by the time that its head is there. */
const isCommitted =
  (shape: Shape): Check =>
  async (room) => {
    room.pages(pageOf({ ...shape, headers: [...OWN, ...(shape.headers ?? [])] }, counts))
    const visitor = room.visitor()
    for (const seen of [1, 2]) {
      const answer = await visitor.begin('/shaped', shape.asked)
      assert.equal(answer.status, shape.status ?? 200)
      assert.equal(sessionCookies(answer).length, seen === 1 ? 1 : 0)
      assert.deepEqual(await room.stored(visitor.key), { seen })
      const others = answer.setCookies.filter((line) => !sessionCookies(answer).includes(line))
      assert.deepEqual([answer.header('X-Colour'), others], ['red', ['theme=dark; Path=/']])
      const isEmpty = shape.body === 'none' || shape.asked?.method === 'HEAD'
      assert.equal(await answer.rest(), isEmpty ? '' : BODY)
    }
  }

/** That its head keeps it from everybody else, and says on what it depends. */
const isForOne =
  (shape: Shape): Check =>
  async (room) => {
    room.pages(pageOf(shape, counts))
    const visitor = room.visitor()
    const first = await visitor.get('/shaped', shape.asked)
    assert.equal(sessionCookies(first).length, 1)
    assertPrivate(first)
    assertVaries(first)
    assertVaries(await visitor.get('/shaped', shape.asked))
  }

/** That it isn't sent where what it has changed, or begun, can't be stored. */
const failsWithItsSave =
  (shape: Shape): Check =>
  (room) =>
    endingNoProcess(async () => {
      const keys: SessionKey[] = []
      const page = pageOf(shape, (session) => {
        const key = sessionKey(session.id)
        keys.push(key)
        room.store.fail(key, 'create', 'save')
        session.name = 'Grace'
      })
      room.pages(page)
      await assertNotSent(room.visitor(), shape)
      assert.equal(await room.stored(keys[0]!), undefined)
      const visitor = await room.known()
      await assertNotSent(visitor, shape)
      assert.deepEqual(await room.stored(visitor.key), { name: 'Ada' })
    })

async function assertNotSent(visitor: Visitor, { asked }: Shape): Promise<void> {
  const answer = await visitor.get('/shaped', asked)
  assert.ok(answer.status >= 500, `the answer should be that of an error, not ${answer.status}`)
  assert.notEqual(answer.text, BODY)
  assert.deepEqual(sessionCookies(answer), [])
}

/** That its head is there after the save, and not before. */
const waitsForItsSave =
  (shape: Shape): Check =>
  async (room: Room) => {
    room.pages(pageOf(shape, counts))
    const visitor = await room.known()
    const go = room.store.hold(visitor.key, 'save')
    let isAnswered = false
    const answering = visitor.begin('/shaped', shape.asked).finally(() => {
      isAnswered = true
    })
    try {
      await Promise.race([answering, room.whenAsked(() => visitor.key, 'save')])
      await room.aWhile()
      assert.equal(isAnswered, false, 'the head should wait for the save')
    } finally {
      go()
    }
    await (await answering).rest()
    assert.deepEqual(await room.stored(visitor.key), { name: 'Ada', seen: 1 })
  }

export const everyAnswer: Case[] = Object.entries(SHAPES).flatMap(([name, shape]) => {
  const { needs = [] } = shape
  return [
    ...overBoth(
      'every answer',
      { [`${name} has its cookie, behind what is stored`]: isCommitted(shape) },
      needs,
    ),
    ...overBoth(
      'every answer',
      { [`${name} is an error where its save fails`]: failsWithItsSave(shape) },
      needs,
    ),
    ...group(
      'every answer',
      { [`${name} waits for its save`]: waitsForItsSave(shape) },
      { kind: 'late', needs },
    ),
    ...group(
      'every answer',
      { [`${name} says in Vary on what it depends, and is private with a cookie`]: isForOne(shape) },
      { needs: [...needs, 'headers'] },
    ),
  ]
})
