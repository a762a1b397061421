import { describe, expect, test } from 'vitest'
import { copySessions, verifySessions } from '../../../src/copy.ts'
import { createSessions, sessionKey } from '../../../src/index.ts'
import { moveSessions, moving } from '../../../src/moving.ts'
import { labelled } from '../../../src/tools/cli/labelled.ts'
import { cookieHeader } from '../../sessions/visit.ts'
import { PlainStore } from '../../support/plain-store.ts'
import { newKey, newRecord } from '../../support/records.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const LEFT = 33 * MINUTE

const pairs = [
  { what: 'an hour ahead of the old', from: 0, to: HOUR },
  { what: 'an hour behind the old', from: HOUR, to: 0 },
  { what: 'three years ahead of the old, which is off too', from: -HOUR, to: 3 * 365 * 24 * HOUR },
  { what: 'a second ahead of the old', from: 0, to: 1000 },
]
const cases = pairs.flatMap((pair) => [
  { ...pair, slow: false, kind: 'at once' },
  { ...pair, slow: true, kind: 'later' },
])

describe.each(cases)('the clock of the new store, which answers $kind, is $what', (each) => {
  /** Somebody who is signed in, in the old store. */
  async function signedIn() {
    const { slow } = each
    const [from, to] = [new PlainStore({ slow, ahead: each.from }), new PlainStore({ slow, ahead: each.to })]
    const session = await createSessions({ store: from }).open(undefined)
    session.set('user', 'ada')
    const cookie = cookieHeader(await session.commit())
    return { from, to, cookie, key: sessionKey(session.id) }
  }

  const left = (store: PlainStore, expiresAt: number) => Math.abs(expiresAt - store.time - LEFT)
  const ABOUT = 60_000

  test.each(['from', 'to'] as const)(
    'a session that moves with `writeTo: %s` keeps the time that it has',
    async (writeTo) => {
      const { from, to, cookie } = await signedIn()
      const sessions = createSessions({ store: moving({ from, to, writeTo }) })
      const reads = await sessions.open(cookie)
      expect(reads.get('user')).toBe('ada')
      expect(Math.abs(reads.expiresIn - 30 * MINUTE)).toBeLessThan(ABOUT)
      const saves = await sessions.open(cookie)
      saves.set('cart', ['tea'])
      await saves.commit()
      const written = writeTo === 'from' ? from : to
      expect(left(written, written.only().expiresAt)).toBeLessThan(ABOUT)
      expect(Math.abs(written.only().createdAt - written.time)).toBeLessThan(ABOUT)
      expect((await sessions.open(cookie)).get('cart')).toEqual(['tea'])
    },
  )

  test('a process that writes to the old one extends what has been moved by the clock of the new one', async () => {
    const { from, to, cookie } = await signedIn()
    const moves = await createSessions({ store: moving({ from, to }) }).open(cookie)
    moves.set('cart', ['tea'])
    await moves.commit()
    const session = await createSessions({ store: moving({ from, to, writeTo: 'from' }) }).open(cookie)
    session.setExpiry('2h')
    await session.commit()
    expect(Math.abs(to.only().expiresAt - to.time - 2.2 * HOUR)).toBeLessThan(ABOUT)
  })

  test('`moveSessions` moves it so, and a sign-out ends it', async () => {
    const { from, to, cookie } = await signedIn()
    expect(await moveSessions({ from, to })).toMatchObject({ moved: 1, ended: 0, left: 0 })
    expect(left(to, to.only().expiresAt)).toBeLessThan(ABOUT)
    const session = await createSessions({ store: moving({ from, to }) }).open(cookie)
    expect(session.get('user')).toBe('ada')
    await session.destroy()
    expect(to.all()).toEqual([])
  })

  test('`copySessions` copies it so, and again it is the same', async () => {
    const { from, to, key } = await signedIn()
    expect(await copySessions({ from, to })).toMatchObject({ copied: 1 })
    expect(await copySessions({ from, to })).toMatchObject({ same: 1 })
    expect(await verifySessions({ from, to })).toMatchObject({ ok: true, same: 1 })
    expect(left(to, (await to.load(key))!.expiresAt)).toBeLessThan(ABOUT)
    expect(left(from, (await from.load(key))!.expiresAt)).toBeLessThan(ABOUT)
  })

  test('so do the commands, whose stores have labels', async () => {
    const { from, to, key } = await signedIn()
    const stores = { from: labelled(from, 'the old'), to: labelled(to, 'the new') }
    expect(await copySessions(stores)).toMatchObject({ copied: 1 })
    expect(await verifySessions(stores)).toMatchObject({ ok: true, same: 1 })
    expect(left(to, (await to.load(key))!.expiresAt)).toBeLessThan(ABOUT)
    await to.delete(key)
    expect(await moveSessions(stores)).toMatchObject({ moved: 1, ended: 0, left: 0 })
    expect(left(to, to.only().expiresAt)).toBeLessThan(ABOUT)
  })
})

test('clocks that are half a step apart make no two sessions of a copy, whichever way that is found to be', async () => {
  const [from, to] = [new PlainStore(), new PlainStore()]
  let ahead = 4990
  Object.assign(to, { now: () => Date.now() + ahead })
  const key = newKey()
  await from.create(key, newRecord({ user: 'ada' }, { createdAt: Date.now() - HOUR }))
  expect(await copySessions({ from, to })).toMatchObject({ copied: 1 })
  for (ahead of [5010, 4990]) {
    expect(await copySessions({ from, to })).toMatchObject({ same: 1 })
    expect(await verifySessions({ from, to })).toMatchObject({ ok: true, same: 1 })
    const { expiresAt } = (await from.load(key))!
    await from.save(key, { expiresAt: expiresAt + HOUR })
    expect(await copySessions({ from, to })).toMatchObject({ updated: 1 })
    expect(await verifySessions({ from, to })).toMatchObject({ ok: true, same: 1 })
    expect((await to.load(key))!.expiresAt).toBe(expiresAt + HOUR)
  }
})
