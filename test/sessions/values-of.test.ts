import { describe, expect, test } from 'vitest'
import { sessionKey } from '../../src/index.ts'
import { encrypting } from '../support/encrypting.ts'
import { bothKinds } from '../support/plain-store.ts'
import { cookieHeader, signedIn, site } from './visit.ts'

describe.each(bothKinds)('the values of a session by its key, on $kind', ({ slow }) => {
  test.each([
    ['JSON', {}],
    ['a serializer', { serializer: encrypting() }],
  ])('in %s: as they were set, and none of the library’s own', async (_, more) => {
    const shop = site({ slow, ...more })
    const session = await shop.sessions.open(undefined)
    session.set('user', { name: 'ada' })
    session.set('__proto__', { admin: true })
    session.set('nothing', null)
    session.setExpiry('2h')
    const cookie = cookieHeader(await session.commit())
    const record = (await shop.store.load(sessionKey(session.id)))!
    const values = shop.sessions.valuesOf(record)
    expect(Object.entries(values)).toEqual([
      ['user', { name: 'ada' }],
      ['__proto__', { admin: true }],
      ['nothing', null],
    ])
    expect('admin' in values).toBe(false)
    values.user.name = 'eve'
    expect((await shop.sessions.open(cookie)).get('user')).toEqual({ name: 'ada' })
    for await (const [, listed] of shop.store.records()) {
      expect(shop.sessions.valuesOf(listed)).toMatchObject({ user: { name: 'ada' } })
    }
  })
})

test('a value that can’t be read is left out, and told of', async () => {
  const shop = site()
  await signedIn(shop)
  const record = shop.store.only()
  const values = new Map([...record.values, ['bad', '{"half": ']])
  expect(shop.sessions.valuesOf({ values })).toEqual({ user: 'ada' })
  expect(shop.events).toContainEqual(
    expect.objectContaining({
      type: 'error',
      error: expect.objectContaining({ code: 'UNTORN_NOT_SERIALISABLE' }),
    }),
  )
})

test.each([[undefined], [null], [{}], [{ values: { user: '"ada"' } }], ['a key']])(
  '%o is no record: a TypeError that says where one comes from',
  (record) => {
    const refused = expect.objectContaining({
      name: 'TypeError',
      code: 'UNTORN_INVALID_ARGUMENT',
      message: 'Invalid argument `record`: a record is needed, as a store loads or lists it.',
    })
    expect(() => site().sessions.valuesOf(record as never)).toThrow(refused)
  },
)
