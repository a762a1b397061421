import { describe, expect, test } from 'vitest'
import { untornStore } from '../../../src/adonisjs.ts'
import type { SessionStore } from '../../../src/index.ts'
import { sessionKey } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import { meeting } from '../../../src/testing/adapter/gate.ts'
import { STORES } from '../../sockets/stores.ts'
import { againIfSlow } from '../../support/again-if-slow.ts'
import { Session, SessionCollection } from './adonis.ts'

/** A visitor of an application with this store. */
function visitorOf(store: SessionStore, age: string | number = '2 hours') {
  const config = {
    enabled: true,
    cookieName: 'adonis-session',
    clearWithBrowser: false,
    age,
    cookie: {},
    store: 'untorn',
    stores: { untorn: untornStore(store) },
  }
  const cookies = new Map<string, string>()
  const request = async <T>(page: (session: Session) => Promise<T> | T): Promise<T> => {
    const own = new Map(cookies)
    const ctx = {
      request: { cookie: (name: string) => own.get(name) },
      response: { cookie: (name: string, value: string) => void cookies.set(name, value) },
    }
    const session = new Session(config, config.stores.untorn, { emit() {} }, ctx)
    await session.initiate(false)
    const answer = await page(session)
    await session.commit()
    return answer
  }
  return {
    request,
    cookies,
    values: () => request((session) => session.all()),
    collection: new SessionCollection(config),
  }
}

describe.each(Object.entries(STORES))("AdonisJS' session over %s", (_, make) => {
  test('values come back, are changed, forgotten, cleared', async () => {
    const { request, values } = visitorOf(make())
    await request((session) => {
      session.put('a', 1)
      session.put('b', { deep: [1] })
      session.put('dotted.name', 2)
    })
    expect(await values()).toEqual({ a: 1, b: { deep: [1] }, dotted: { name: 2 } })
    await request((session) => {
      session.forget('a')
      session.increment('count')
    })
    expect(await values()).toEqual({ b: { deep: [1] }, dotted: { name: 2 }, count: 1 })
    await request((session) => session.clear())
    expect(await values()).toEqual({})
  })

  test('a flash is shown in the next request alone', async () => {
    const { request } = visitorOf(make())
    await request((session) => session.flash('message', 'saved'))
    expect(await request((session) => session.flashMessages.get('message'))).toBe('saved')
    expect(await request((session) => session.flashMessages.get('message'))).toBeUndefined()
  })

  test('a new id has the values, and the old one nothing', async () => {
    const { request, values, cookies, collection } = visitorOf(make())
    await request((session) => session.put('a', 1))
    const old = cookies.get('adonis-session')!
    await request((session) => session.regenerate())
    expect(cookies.get('adonis-session')).not.toBe(old)
    expect(await values()).toEqual({ a: 1 })
    expect(await collection.get(old)).toBeNull()
  })

  test('sessions of a user are found by their tag, and ended', async () => {
    const store = make()
    const [ann, also, eve] = [visitorOf(store), visitorOf(store), visitorOf(store)]
    for (const [visitor, user] of [
      [ann, 'ann'],
      [also, 'ann'],
      [eve, 'eve'],
    ] as const) {
      await visitor.request(async (session) => {
        session.put('user', user)
        // Of a session that is not stored yet.
        await session.tag(user)
      })
    }
    const tagged = await ann.collection.tagged('ann')
    const keys = [ann, also].map(({ cookies }) => sessionKey(cookies.get('adonis-session')!, 'adonisjs'))
    expect(tagged.map(({ id }) => id).sort()).toEqual(keys.sort())
    expect(tagged.map(({ data }) => data)).toEqual([{ user: 'ann' }, { user: 'ann' }])
    for (const { id } of tagged) await ann.collection.destroy(id)
    expect([await ann.values(), await also.values(), await eve.values()]).toEqual([{}, {}, { user: 'eve' }])
    await eve.collection.tag(eve.cookies.get('adonis-session')!, 'ann')
    expect(await ann.collection.tagged('ann')).toHaveLength(1)
    expect(await ann.collection.tagged('eve')).toEqual([])
  })

  test('a key opens a tagged session in a collection, and nothing as a cookie', async () => {
    const { request, values, cookies, collection } = visitorOf(make())
    await request((session) => session.put('a', 1))
    const id = cookies.get('adonis-session')!
    expect(await collection.get(id)).toEqual({ a: 1 })
    expect(await collection.get(sessionKey(id, 'adonisjs'))).toBeNull()
    await collection.tag(id, 'ann')
    const [tagged] = await collection.tagged('ann')
    expect(await collection.get(tagged!.id)).toEqual({ a: 1 })
    cookies.set('adonis-session', tagged!.id)
    expect(await values()).toEqual({})
    await collection.destroy(tagged!.id)
    expect(await collection.get(id)).toBeNull()
  })

  test('a collection that has found none before ends one that was begun since', async () => {
    const { request, values, cookies, collection } = visitorOf(make())
    cookies.set('adonis-session', 'an id')
    expect(await collection.get('an id')).toBeNull()
    await request((session) => session.put('a', 1))
    await collection.destroy('an id')
    expect(await values()).toEqual({})
  })

  test('two requests that set different values keep both', async () => {
    const { request, values } = visitorOf(make())
    await request((session) => session.put('a', 0))
    const all = meeting(3)
    const setting = (name: string) =>
      request(async (session) => {
        await all()
        session.put(name, 1)
      })
    await Promise.all([setting('a'), setting('b'), setting('c')])
    expect(await values()).toEqual({ a: 1, b: 1, c: 1 })
  })

  test('a sign-out under a slow request stays', async () => {
    const { request, values } = visitorOf(make())
    await request((session) => session.put('user', 'ann'))
    await request(async (session) => {
      await request((session) => session.clear())
      session.put('late', 1)
    })
    expect(await values()).toEqual({})
  })

  test('a use prolongs it, and it ends with its age', async () => {
    await againIfSlow(200, async (age, pass) => {
      const { request, values } = visitorOf(make(), `${age}ms`)
      await request((session) => session.put('a', 1))
      await pass(age * 0.6)
      expect(await values()).toEqual({ a: 1 })
      await pass(age * 0.6)
      expect(await values()).toEqual({ a: 1 })
      await pass(age * 1.5)
      expect(await values()).toEqual({})
    })
  })
})

const AGES = ['2h', '2 hours', '30 minutes', '1y', '1 year', '3 yrs', '.5h', '2 wks', '7200', 7200, '10 SECS']

test.each(AGES)('an age is as long as AdonisJS has it: %s', async (age) => {
  const { default: string } = await import('@adonisjs/core/helpers/string')
  const store = memoryStore()
  const before = Date.now()
  await untornStore(store)(undefined, { age }).write('id', {})
  for await (const [, { expiresAt }] of store.records()) {
    expect(Math.abs(expiresAt - before - string.seconds.parse(age) * 1000)).toBeLessThan(1000)
  }
  expect.assertions(1)
})

test.each(['soon', '', '-1', 0, Number.NaN, '2 months', '.'])('an age that is none is refused: %s', (age) => {
  expect(() => untornStore(memoryStore())(undefined, { age })).toThrow(
    expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' }),
  )
})
