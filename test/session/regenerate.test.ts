import { describe, expect, test } from 'vitest'
import type { Session } from '../../src/index.ts'
import { cookieHeader, signedIn, site, valuesOf } from '../sessions/visit.ts'
import { asksForNewId } from '../support/new-id.ts'
import { bothKinds } from '../support/plain-store.ts'
import { interleaved, settledResult } from './interleaved.ts'

const gone = expect.objectContaining({ code: 'UNTORN_SESSION_GONE' })

/** What another request, which opened the session before, can do to it. `keeps`: what has to be there if it succeeded. */
const others = [
  { what: 'sets a value', act: (s: Session) => s.set('other', 1), keeps: { other: 1 } },
  { what: 'updates a value', act: (s: Session) => s.update('n', (n) => n + 1), keeps: { n: 2 } },
  { what: 'deletes a value', act: (s: Session) => s.delete('old'), keeps: { old: undefined } },
]

/** Calls of a `regenerate()` after which the old session has ended: create the copy, mark the old one. */
const UNTIL_THE_END = 2

describe.each(bothKinds)('on $kind', ({ slow }) => {
  test('a new id, the same values, and the old id is dead', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { cart: ['tea'] })
    const session = await shop.sessions.open(cookie)
    const { id, createdAt } = session
    asksForNewId(session)
    expect(session.id).not.toBe(id)
    expect(session.changed).toBe(true)
    session.set('admin', true)
    const next = cookieHeader(await session.commit())
    expect(next).toContain(session.id)
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', cart: ['tea'], admin: true })
    expect(shop.events.map(({ type }) => type)).toEqual(['created', 'rotated'])

    expect((await shop.sessions.open(cookie)).isNew).toBe(true)
    const again = await shop.sessions.open(next)
    expect(again.get('admin')).toBe(true)
    expect(again.createdAt).toBe(createdAt)
    again.set('more', 1)
    await again.commit()
    expect(valuesOf(shop.store)).toMatchObject({ more: 1 })
  })

  test('a session that is not stored yet just gets another id', async () => {
    const shop = site({ slow })
    const session = await shop.sessions.open(undefined)
    const { id } = session
    asksForNewId(session)
    expect(session.id).not.toBe(id)
    expect(await session.commit()).toBeUndefined()
    session.set('user', 'ada')
    await session.commit()
    expect(shop.store.calls.map(({ method }) => method)).toEqual(['create'])
  })

  test.each(others)('with another request that $what, at every point of it', async ({ act, keeps }) => {
    for (let at = 0, met = true; met; at++) {
      const shop = site({ slow })
      const cookie = await signedIn(shop, { n: 1, old: 1 })
      const [login, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
      asksForNewId(login)
      login.set('user', 'root')
      act(other)
      const result = await interleaved(
        shop,
        at,
        () => login.commit(),
        () => other.commit(),
      )
      met = result.met
      expect(result.first.status).toBe('fulfilled')
      const values = valuesOf(shop.store)
      expect(values.user).toBe('root')
      if (result.second.status === 'fulfilled') {
        expect({ ...values, old: values.old }).toMatchObject(keeps)
      } else {
        expect(result.second).toMatchObject({ reason: gone })
        expect(values).toEqual({ user: 'root', n: 1, old: 1 })
      }
      // Before the old session ends, others' changes come along; afterwards they are told.
      expect(result.second.status).toBe(at < UNTIL_THE_END ? 'fulfilled' : 'rejected')
      if (at >= UNTIL_THE_END) continue
      // One that is still on its way under the old id finds nothing.
      other.set('late', 1)
      await expect(async () => other.commit()).rejects.toThrow(gone)
      expect(shop.store.only().values.has('late')).toBe(false)
    }
  })

  test('while another request saves, at every point of that', async () => {
    for (let at = 0, met = true; met; at++) {
      const shop = site({ slow })
      const cookie = await signedIn(shop, { n: 1 })
      const [login, saver, third] = await Promise.all(
        [cookie, cookie, cookie].map((c) => shop.sessions.open(c)),
      )
      third!.set('third', 1)
      await third!.commit()
      asksForNewId(login!)
      saver!.update('n', (n) => n + 1)
      const result = await interleaved(
        shop,
        at,
        () => saver!.commit(),
        () => login!.commit(),
      )
      met = result.met
      expect(result.second.status).toBe('fulfilled')
      const saved = result.first.status === 'fulfilled'
      if (!saved) expect(result.first).toMatchObject({ reason: gone })
      expect(valuesOf(shop.store)).toEqual({ user: 'ada', third: 1, n: saved ? 2 : 1 })
    }
  })

  test('a logout that comes before the old session ends wins; later it finds nothing to end', async () => {
    for (let at = 0, met = true; met; at++) {
      const shop = site({ slow })
      const cookie = await signedIn(shop)
      const [login, logout] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
      asksForNewId(login)
      login.set('user', 'root')
      const result = await interleaved(
        shop,
        at,
        () => login.commit(),
        () => logout.destroy(),
      )
      met = result.met
      if (at < UNTIL_THE_END) {
        expect(result.first).toMatchObject({ reason: gone })
        expect(shop.store.all()).toEqual([])
        expect(await login.commit()).toBeUndefined()
      } else {
        expect(valuesOf(shop.store)).toEqual({ user: 'root' })
      }
      expect((await shop.sessions.open(cookie)).isNew).toBe(true)
    }
  })

  test('a second click on "sign in": both get a session, the old id is dead, and one keeps what was in it', async () => {
    for (let at = 0, met = true; met; at++) {
      const shop = site({ slow })
      const cookie = await signedIn(shop, { cart: ['tea'] })
      const logins = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
      for (const [click, login] of logins.entries()) {
        // What was read before it stays behind, also if it is changed in place.
        login.get('cart').push('milk')
        if (click === 0) asksForNewId(login)
        login.set('user', 'root')
        login.update('visits', (n = 0) => n + 1)
        if (click === 1) asksForNewId(login)
      }
      const result = await interleaved(
        shop,
        at,
        () => logins[0]!.commit(),
        () => logins[1]!.commit(),
      )
      met = result.met
      const cookies = [result.first, result.second].map((each) => {
        if (each.status === 'rejected') throw each.reason
        return cookieHeader(each.value as string)
      })
      const found = await Promise.all(cookies.map((next) => shop.sessions.open(next)))
      expect(found.map((session) => [session.get('user'), session.get('visits')])).toEqual([
        ['root', 1],
        ['root', 1],
      ])
      const carts = found.map((session) => session.get('cart'))
      expect(carts).toContainEqual(['tea', 'milk'])
      expect(carts).toContain(undefined)
      expect((await shop.sessions.open(cookie)).isNew).toBe(true)
      expect(shop.store.all()).toHaveLength(2)
    }
  })

  test('a new id that is asked for once the session is known to be gone: anew if it was replaced, else it stays gone', async () => {
    for (const how of ['replaced', 'signed out']) {
      const shop = site({ slow })
      const cookie = await signedIn(shop)
      const [late, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
      if (how === 'signed out') await other.destroy()
      else {
        asksForNewId(other)
        await other.commit()
      }
      late.set('cart', [])
      await expect(async () => late.save()).rejects.toThrow(gone)
      asksForNewId(late)
      late.set('user', 'bob')
      if (how === 'signed out') {
        await expect(async () => late.commit()).rejects.toThrow(gone)
        expect(shop.store.all()).toEqual([])
      } else {
        const next = cookieHeader(await late.commit())
        const session = await shop.sessions.open(next)
        expect(session.keys()).toEqual(['user'])
      }
    }
  })

  test('others that never stop are a SessionConflictError; the session stays under its old id', async () => {
    const shop = site({ slow, retries: 2 })
    const cookie = await signedIn(shop)
    const [login, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    asksForNewId(login)
    const wished = login.id
    let others = 0
    shop.store.between = ({ change }) => {
      if (!change?.set?.has('untorn:moved')) return
      other.set('other', ++others)
      return other.save()
    }
    await expect(async () => login.commit()).rejects.toThrow(
      expect.objectContaining({ code: 'UNTORN_SESSION_CONFLICT' }),
    )
    shop.store.between = () => {}
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', other: 3 })
    expect((await shop.sessions.open(cookie)).get('other')).toBe(3)

    // The next commit carries it out, under an id that was never used.
    const next = cookieHeader(await login.commit())
    expect(next).not.toContain(wished)
    expect((await shop.sessions.open(next)).get('other')).toBe(3)
    expect(shop.store.all()).toHaveLength(1)
  })

  test('a store that fails half-way leaves one session, under its old id', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const login = await shop.sessions.open(cookie)
    asksForNewId(login)
    shop.store.failing.set('save', new Error('no connection'))
    await expect(async () => login.commit()).rejects.toThrow('no connection')
    expect((await shop.sessions.open(cookie)).get('user')).toBe('ada')
    shop.store.failing.clear()
    await expect.poll(() => shop.store.all().length).toBe(1)
    expect((await shop.sessions.open(cookie)).get('user')).toBe('ada')
    const next = cookieHeader(await login.commit())
    expect((await shop.sessions.open(next)).get('user')).toBe('ada')
    expect(shop.store.all()).toHaveLength(1)
  })

  test('an old record that can’t be removed is ended all the same', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const login = await shop.sessions.open(cookie)
    asksForNewId(login)
    shop.store.failing.set('delete', new Error('no connection'))
    const next = cookieHeader(await login.commit())
    expect(shop.events.at(-1)).toMatchObject({ type: 'error', error: { message: 'no connection' } })
    expect((await shop.sessions.open(cookie)).isNew).toBe(true)
    expect((await shop.sessions.open(next)).get('user')).toBe('ada')
  })

  test('a time of its own that was given to it meanwhile comes along', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const [login, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    asksForNewId(login)
    shop.store.between = ({ change }) => {
      if (!change?.set?.has('untorn:moved')) return
      shop.store.between = () => {}
      other.setExpiry('3d')
      return other.save()
    }
    const next = await shop.sessions.open(cookieHeader(await login.commit()))
    expect(next.expiresIn).toBeGreaterThan(2 * 86_400_000)
    expect(shop.store.only().expiresAt - Date.now()).toBeGreaterThan(2 * 86_400_000)
  })

  test('the owner comes along, one who was named meanwhile too', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const login = await shop.sessions.open(cookie)
    asksForNewId(login)
    const [[key]] = shop.store.all() as [[Parameters<typeof shop.store.save>[0], unknown]]
    let calls = 0
    shop.store.between = () => {
      if (++calls !== UNTIL_THE_END) return
      shop.store.between = () => {}
      return shop.store.save(key, { owner: 'ada' })
    }
    await login.commit()
    expect(shop.store.only().owner).toBe('ada')
  })
})

test('nothing is lost and nothing comes back when it races saves on a slow store', async () => {
  for (let round = 0; round < 30; round++) {
    const shop = site({ slow: true })
    const cookie = await signedIn(shop, { n: 0 })
    const all = await Promise.all(Array.from({ length: 6 }, () => shop.sessions.open(cookie)))
    const [login, ...savers] = all
    asksForNewId(login!)
    const saving = savers.map((session, index) => {
      session.set(`key${index}`, index)
      session.update('n', (n) => n + 1)
      return settledResult(() => session.commit())
    })
    await login!.commit()
    const saved = (await Promise.all(saving)).flatMap(({ status }, index) =>
      status === 'fulfilled' ? [index] : [],
    )
    expect(valuesOf(shop.store)).toEqual({
      user: 'ada',
      n: saved.length,
      ...Object.fromEntries(saved.map((index) => [`key${index}`, index])),
    })
  }
})
