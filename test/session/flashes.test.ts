import { describe, expect, test } from 'vitest'
import { flashKey } from '../../src/values/data.ts'
import { signedIn, site, valuesOf } from '../sessions/visit.ts'
import { bothKinds } from '../support/plain-store.ts'

describe.each(bothKinds)('flashes, on $kind', ({ slow }) => {
  test('two messages of one name are both shown, in their order, once', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    session.flash('notice', 'Saved')
    session.flash('notice', 'Mailed')
    await session.commit()
    const page = await shop.sessions.open(cookie)
    expect(page.keys()).toEqual(['user'])
    expect(page.toJSON()).toEqual({ user: 'ada' })
    expect(await page.flashes('notice')).toEqual(['Saved', 'Mailed'])
    expect(await page.flashes('notice')).toEqual([])
    expect(await page.flashes('none')).toEqual([])
    expect([...shop.store.only().values.keys()]).toEqual(['user'])
  })

  test('twenty requests flash at once, while twenty show: each message is shown exactly once, none is lost', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const first = await shop.sessions.open(cookie)
    first.flash('notice', 'first')
    await first.commit()
    const all = await Promise.all(Array.from({ length: 40 }, () => shop.sessions.open(cookie)))
    const shown = await Promise.all(
      all.map(async (session, index) => {
        if (index % 2 === 0) session.flash('notice', `message ${index}`)
        if (index % 4 === 0) await session.save()
        const got = index % 2 === 1 ? await session.flashes('notice') : []
        await session.commit()
        return got
      }),
    )
    const last = await shop.sessions.open(cookie)
    shown.push(await last.flashes('notice'))
    const expected = ['first', ...Array.from({ length: 20 }, (_, index) => `message ${2 * index}`)]
    expect(shown.flat().sort()).toEqual(expected.sort())
  })

  test('what this request adds is shown with the others, though another request was faster with those', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const first = await shop.sessions.open(cookie)
    first.flash('notice', 'first')
    await first.commit()
    const [one, two] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    one.flash('notice', 'one')
    two.flash('notice', 'two')
    expect(await one.flashes('notice')).toEqual(['first', 'one'])
    expect(await two.flashes('notice')).toEqual(['two'])
    await Promise.all([one.commit(), two.commit()])
    expect(valuesOf(shop.store)).toEqual({ user: 'ada' })
  })

  test('one that is added after the others were shown meets those of other requests', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const [one, two] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    one.flash('notice', 'shown at once')
    expect(await one.flashes('notice')).toEqual(['shown at once'])
    one.flash('notice', 'one')
    two.flash('notice', 'two')
    await two.commit()
    await one.commit()
    const page = await shop.sessions.open(cookie)
    expect(await page.flashes('notice')).toEqual(['two', 'one'])
  })

  test('without a stored session they need no store, and are stored like any value', async () => {
    const shop = site({ slow })
    const session = await shop.sessions.open(undefined)
    session.flash('notice', 'Hello')
    expect(await session.flashes('notice')).toEqual(['Hello'])
    expect(await session.commit()).toBeUndefined()
    expect(shop.store.calls).toEqual([])
    session.flash('notice', 'Hello again')
    await session.commit()
    expect(shop.store.only().values.get(flashKey('notice'))).toBe('["Hello again"]')
  })

  test('a message is kept as it was when it was flashed; nothing is none', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    const message = { text: 'Saved' }
    session.flash('notice', message)
    message.text = 'changed'
    session.flash('notice', undefined)
    await session.commit()
    const page = await shop.sessions.open(cookie)
    const shown = await page.flashes('notice')
    expect(shown).toEqual([{ text: 'Saved' }])
    // The handler's own: nothing of it comes back.
    shown.push('mine')
    await page.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada' })
  })

  test('they come along to a new id, and a sign-out ends them', async () => {
    const shop = site({ slow })
    const session = await shop.sessions.open(await signedIn(shop))
    session.flash('notice', 'Welcome')
    await session.regenerate()
    const next = (await session.commit())!.split(';')[0]
    const [page, other] = [await shop.sessions.open(next), await shop.sessions.open(next)]
    await other.destroy()
    expect(await page.flashes('notice')).toEqual([])
    expect(page.has('notice')).toBe(false)
  })

  test('a removal that got no answer is an error when it is asked for again, and not nothing', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    session.flash('notice', 'Saved')
    await session.commit()
    const page = await shop.sessions.open(cookie)
    shop.store.losing.set('save', new Error('no answer'))
    await expect(async () => page.flashes('notice')).rejects.toThrow('no answer')
    shop.store.losing.clear()
    const unavailable = expect.objectContaining({
      code: 'UNTORN_STORE_UNAVAILABLE',
      message: expect.stringContaining('"notice"'),
    })
    await expect(async () => page.flashes('notice')).rejects.toThrow(unavailable)
  })
})

test('messages are written by the serializer of the application, and a mistake names what it was called', async () => {
  const serializer = {
    stringify: (value: unknown) => JSON.stringify({ v: String(value) }),
    parse: (text: string) => JSON.parse(text).v.split(','),
  }
  const shop = site({ serializer })
  const session = await shop.sessions.open(undefined)
  session.flash('notice', 'Saved')
  expect(() => session.flash('untorn:x', 1)).toThrow(
    expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' }),
  )
  const plain = await site().sessions.open(undefined)
  expect(() => plain.flash('notice', () => 1)).toThrow(
    expect.objectContaining({ code: 'UNTORN_NOT_SERIALISABLE', key: 'notice' }),
  )
})

describe('increment()', () => {
  test.each(bothKinds)('on $kind: exact however many requests do it at once', async ({ slow }) => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { views: 7 })
    const all = await Promise.all(Array.from({ length: 30 }, () => shop.sessions.open(cookie)))
    for (const session of all) {
      expect(session.increment('views')).toBe(8)
      expect(session.increment('points', 2.5)).toBe(2.5)
      expect(session.increment('views', -3)).toBe(5)
    }
    await Promise.all(all.map((session) => session.commit()))
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', views: 7 - 60, points: 75 })
  })

  test('of what is no number it is a TypeError, and nothing is changed', async () => {
    const shop = site()
    const cookie = await signedIn(shop, { name: 'ada', nothing: null, most: Number.MAX_VALUE })
    const session = await shop.sessions.open(cookie)
    const refused = (work: () => unknown) => {
      expect(work).toThrow(TypeError)
      expect(work).toThrow(expect.objectContaining({ code: 'UNTORN_INVALID_ARGUMENT' }))
    }
    refused(() => session.increment('name'))
    refused(() => session.increment('nothing'))
    refused(() => session.increment('most', Number.MAX_VALUE))
    refused(() => session.increment('views', Number.NaN))
    refused(() => session.increment('views', '1' as never))
    expect(session.changed).toBe(false)
    expect(session.toJSON()).toEqual({ user: 'ada', name: 'ada', nothing: null, most: Number.MAX_VALUE })
  })
})
