import { describe, expect, test } from 'vitest'
import { cookieHeader, signedIn, site, valuesOf } from '../sessions/visit.ts'
import { bothKinds } from '../support/plain-store.ts'

const gone = expect.objectContaining({ code: 'UNTORN_SESSION_GONE' })

describe.each(bothKinds)('on $kind', ({ slow }) => {
  test('a slow request that saves after a logout gets SessionGoneError, and nothing comes back', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const [late, logout] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    late.set('cart', ['tea'])
    await logout.destroy()
    await expect(async () => late.commit()).rejects.toThrow(gone)
    expect(shop.store.all()).toEqual([])
    expect(shop.events.map(({ type }) => type)).toEqual(['created', 'signed-out', 'gone'])

    // It stays gone: an answer as for an anonymous visitor, and no cookie that could meet the next sign-in's.
    expect(late.get('user')).toBeUndefined()
    expect(late.changed).toBe(false)
    expect(await late.commit()).toBeUndefined()
    late.set('cart', ['milk'])
    await expect(async () => late.save()).rejects.toThrow(gone)
    expect(shop.store.all()).toEqual([])
  })

  test('a logout in the middle of a save leaves nothing behind, whichever the store does first', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const [late, logout] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    late.update('n', (n = 0) => n + 1)
    shop.store.between = ({ method }) => {
      if (method !== 'save') return
      shop.store.between = () => {}
      return logout.destroy()
    }
    await expect(async () => late.commit()).rejects.toThrow(gone)
    expect(shop.store.all()).toEqual([])
  })

  test('a request that only reads is not disturbed by a logout', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const [reader, logout] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    await logout.destroy()
    expect(reader.get('user')).toBe('ada')
    expect(await reader.commit()).toBeUndefined()
    await expect(async () => reader.reload()).rejects.toThrow(gone)
  })

  test('after destroy the object is a new, empty session, and the cookie is removed', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    const { id } = session
    session.set('draft', 1)
    await session.destroy()
    expect(session.id).not.toBe(id)
    expect(session.isNew).toBe(true)
    expect(session.keys()).toEqual([])
    expect(session.changed).toBe(false)
    const line = await session.commit()
    expect(line).toMatch(/^__Host-sid=; Max-Age=0; /)
    expect(line).toContain('; Secure')
    expect(await session.commit()).toBeUndefined()
    expect(shop.store.all()).toEqual([])
  })

  test('what is set after destroy makes another session, and its cookie replaces the old one', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    await session.destroy()
    session.set('flash', 'Goodbye')
    const next = cookieHeader(await session.commit())
    expect(next).not.toBe(cookie)
    expect(valuesOf(shop.store)).toEqual({ flash: 'Goodbye' })
    expect((await shop.sessions.open(cookie)).isNew).toBe(true)
    expect((await shop.sessions.open(next)).get('flash')).toBe('Goodbye')
  })

  test('a visitor without a cookie is sent no removal', async () => {
    const shop = site({ slow })
    const session = await shop.sessions.open(undefined)
    session.set('draft', 1)
    await session.destroy()
    expect(await session.commit()).toBeUndefined()
    expect(shop.store.calls).toEqual([])
  })

  test('a destroy that fails is an error, and the next one tries again', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    shop.store.failing.set('delete', new Error('no connection'))
    await expect(async () => session.destroy()).rejects.toThrow('no connection')
    await expect(async () => session.destroy()).rejects.toThrow('no connection')
    await expect(async () => session.commit()).rejects.toThrow('no connection')
    shop.store.failing.clear()
    await session.commit()
    expect(shop.store.all()).toEqual([])
    expect(shop.events.map(({ type }) => type)).toEqual(['created', 'signed-out'])
  })

  test('a request whose session is gone can destroy it and sign in anew', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const [late, logout] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    late.set('cart', [])
    await logout.destroy()
    await expect(async () => late.save()).rejects.toThrow(gone)
    shop.store.counted()
    await late.destroy()
    // Gone as far as it was told: another request's new id may be undecided, and taken back.
    expect(shop.store.calls.map(({ method }) => method)).toEqual(['delete'])
    late.set('user', 'bob')
    const next = cookieHeader(await late.commit())
    expect((await shop.sessions.open(next)).get('user')).toBe('bob')
  })
})

test('a destroy that nobody waits for is waited for by the commit', async () => {
  const shop = site({ slow: true })
  const cookie = await signedIn(shop)
  const session = await shop.sessions.open(cookie)
  session.set('draft', 1)
  void session.save()
  void session.destroy()
  expect(session.isNew).toBe(true)
  session.set('user', 'bob')
  await session.commit()
  expect(valuesOf(shop.store)).toEqual({ user: 'bob' })
})

test('destroy while the session is being stored for the first time leaves nothing behind', async () => {
  const shop = site({ slow: true })
  const session = await shop.sessions.open(undefined)
  session.set('user', 'ada')
  void session.save()
  void session.destroy()
  expect(await session.commit()).toBeUndefined()
  expect(shop.store.all()).toEqual([])
})
