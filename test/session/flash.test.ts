import { describe, expect, test } from 'vitest'
import { signedIn, site, valuesOf } from '../sessions/visit.ts'
import { bothKinds } from '../support/plain-store.ts'

describe.each(bothKinds)('on $kind', ({ slow }) => {
  test('of 20 overlapping requests exactly one gets the flash', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { notice: { text: 'Saved' } })
    const all = await Promise.all(Array.from({ length: 20 }, () => shop.sessions.open(cookie)))
    const got = await Promise.all(
      all.map(async (session, index) => {
        // Others write beside it, so that the version moves on all the time.
        session.set(`key${index}`, index)
        if (index % 2 === 0) await session.save()
        const notice = await session.take('notice')
        await session.commit()
        return notice
      }),
    )
    expect(got.filter((notice) => notice !== undefined)).toEqual([{ text: 'Saved' }])
    const { notice, ...rest } = valuesOf(shop.store)
    expect(notice).toBeUndefined()
    expect(Object.keys(rest)).toHaveLength(21)
  })

  test('one whose removal got no answer is an error when it is asked for again, and not nothing', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { notice: 'Saved', other: 'Kept' })
    const session = await shop.sessions.open(cookie)
    shop.store.losing.set('save', new Error('no answer'))
    await expect(async () => session.take('notice')).rejects.toThrow('no answer')
    shop.store.losing.clear()
    const unavailable = expect.objectContaining({ code: 'UNTORN_STORE_UNAVAILABLE' })
    await expect(async () => session.take('notice')).rejects.toThrow(unavailable)
    expect(await session.take('other')).toBe('Kept')

    // One that was not removed is there to be taken.
    shop.store.failing.set('save', new Error('no connection'))
    session.set('again', 'Later')
    await expect(async () => session.save()).rejects.toThrow('no connection')
    shop.store.failing.clear()
    await session.save()
    shop.store.failing.set('save', new Error('no connection'))
    await expect(async () => session.take('again')).rejects.toThrow('no connection')
    shop.store.failing.clear()
    expect(await session.take('again')).toBe('Later')
    expect(await session.take('again')).toBeUndefined()
  })

  test('it is gone for this request, and everything else that it reads stays as it was', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { notice: 'Saved', theme: 'dark', old: 1 })
    const [session, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    const object = { a: 1 }
    session.set('mine', object)
    other.set('theme', 'light')
    other.delete('old')
    await other.commit()
    expect(await session.take('notice')).toBe('Saved')
    expect(session.has('notice')).toBe(false)
    expect(session.get('notice')).toBeUndefined()
    expect(session.get('theme')).toBe('dark')
    expect(session.get('old')).toBe(1)
    expect(session.get('mine')).toBe(object)
    await session.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', theme: 'light', mine: { a: 1 } })
  })

  test('one that was set in this request and never stored is taken without the store', async () => {
    const shop = site({ slow })
    const session = await shop.sessions.open(undefined)
    session.set('notice', 'Saved')
    expect(await session.take('notice')).toBe('Saved')
    expect(await session.take('notice')).toBeUndefined()
    expect(await session.commit()).toBeUndefined()
    expect(shop.store.calls).toEqual([])
  })

  test('one that this request has just saved is for one request all the same', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    session.set('notice', { text: 'Saved' })
    await session.save()
    const other = await shop.sessions.open(cookie)
    expect(await other.take('notice')).toEqual({ text: 'Saved' })
    expect(await session.take('notice')).toBeUndefined()
  })

  test('one that is set again over a stored one leaves none behind', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { notice: 'old' })
    const session = await shop.sessions.open(cookie)
    session.set('notice', 'new')
    expect(await session.take('notice')).toBe('new')
    await session.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada' })
  })

  test('one that was updated is taken as the store has it, with the update', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { notices: ['one'] })
    const [session, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    other.set('notices', ['one', 'two'])
    await other.commit()
    session.update('notices', (notices: string[] = []) => [...notices, 'mine'])
    expect(await session.take('notices')).toEqual(['one', 'two', 'mine'])
    await session.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada' })
  })

  test('a signed-out session has none to take', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { notice: 'Saved' })
    const [session, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    await other.destroy()
    expect(await session.take('notice')).toBeUndefined()
    expect(session.has('notice')).toBe(false)
    expect(shop.store.all()).toEqual([])
  })

  test('a value that is set after it was taken is stored', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { notice: 'Saved' })
    const session = await shop.sessions.open(cookie)
    await session.take('notice')
    session.set('notice', 'Saved')
    await session.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', notice: 'Saved' })
  })
})
