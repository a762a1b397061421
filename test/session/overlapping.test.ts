import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { counter, union } from '../../src/index.ts'
import { signedIn, site, valuesOf } from '../sessions/visit.ts'
import { bothKinds } from '../support/plain-store.ts'

const FIFTY = Array.from({ length: 50 }, (_, index) => index)

describe.each(bothKinds)('on $kind', ({ slow }) => {
  test('50 overlapping requests, each sets its own key: all 50 are kept', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const all = await Promise.all(FIFTY.map(() => shop.sessions.open(cookie)))
    await Promise.all(
      all.map((session, index) => {
        session.set(`key${index}`, index)
        return session.commit()
      }),
    )
    expect(valuesOf(shop.store)).toEqual({
      user: 'ada',
      ...Object.fromEntries(FIFTY.map((index) => [`key${index}`, index])),
    })
    // Blind, each in one call: nobody had to try again.
    expect(shop.store.counted('save')).toBe(50)
  })

  test('50 overlapping updates of one value are all counted', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { views: 7 })
    const all = await Promise.all(FIFTY.map(() => shop.sessions.open(cookie)))
    await Promise.all(
      all.map((session) => {
        expect(session.update('views', (n = 0) => n + 1)).toBe(8)
        return session.commit()
      }),
    )
    expect(valuesOf(shop.store)).toMatchObject({ views: 57 })
  })

  test('50 overlapping changes of a counter and of a set are all kept where a merge is named', async () => {
    const shop = site({ slow, merge: { views: counter, cart: union } })
    const cookie = await signedIn(shop, { views: 7, cart: ['tea', 'milk'] })
    const all = await Promise.all(FIFTY.map(() => shop.sessions.open(cookie)))
    await Promise.all(
      all.map((session, index) => {
        session.set('views', session.get('views') + 1)
        const cart: string[] = session.get('cart')
        cart.push(`item${index}`)
        if (index === 20) cart.shift()
        return session.commit()
      }),
    )
    const { views, cart } = valuesOf(shop.store)
    expect(views).toBe(57)
    expect(new Set(cart as string[])).toEqual(new Set(['milk', ...FIFTY.map((index) => `item${index}`)]))
    expect(cart).toHaveLength(51)
  })

  test('of one value without update or merge, the last to be saved stays', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { theme: 'dark' })
    const [first, second] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    first.set('theme', 'light')
    second.set('theme', 'sepia')
    await second.commit()
    await first.commit()
    expect(valuesOf(shop.store)).toMatchObject({ theme: 'light' })
  })

  test('a merge of one’s own gets what was read, what was made of it and what is stored now', async () => {
    const merged: unknown[][] = []
    const merge = {
      prefs: (...sides: unknown[]) => {
        merged.push(sides)
        return { from: 'merge' }
      },
    }
    const shop = site({ slow, merge })
    const cookie = await signedIn(shop, { prefs: { size: 1 } })
    const [first, second] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    first.get('prefs').size = 2
    second.get('prefs').size = 3
    await first.commit()
    expect(merged).toEqual([])
    await second.commit()
    expect(merged).toEqual([[{ size: 1 }, { size: 3 }, { size: 2 }]])
    expect(valuesOf(shop.store)).toMatchObject({ prefs: { from: 'merge' } })
    expect(second.get('prefs')).toEqual({ from: 'merge' })
  })

  test('a merge that returns undefined deletes, one that agrees with what is stored writes nothing', async () => {
    const shop = site({ slow, merge: { a: () => undefined, b: (_base, _mine, theirs) => theirs } })
    const cookie = await signedIn(shop, { a: 1, b: 1 })
    const [first, second] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    first.set('a', 2)
    first.set('b', 2)
    await first.commit()
    second.set('b', 3)
    await second.commit()
    expect(second.get('b')).toBe(2)
    second.set('a', 4)
    await second.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', a: 4, b: 2 })
    first.set('a', 5)
    await first.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', b: 2 })
  })

  test('an update meets what others did: applied again, in order, to what is stored', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { log: ['start'] })
    const [first, second] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    const add =
      (what: string) =>
      (log: string[] = []) => [...log, what]
    first.update('log', add('one'))
    expect(first.update('log', add('two'))).toEqual(['start', 'one', 'two'])
    second.update('log', add('three'))
    await second.commit()
    await first.commit()
    expect(valuesOf(shop.store)).toMatchObject({ log: ['start', 'three', 'one', 'two'] })
    expect(first.get('log')).toEqual(['start', 'three', 'one', 'two'])
  })

  test('what is changed by hand after an update is a change like any other: the last to be saved stays', async () => {
    for (const more of [false, true]) {
      const shop = site({ slow })
      const cookie = await signedIn(shop, { log: ['start'] })
      const [first, second] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
      first.update('log', (log) => [...log, 'one'])
      first.get('log').push('by hand')
      if (more) first.update('log', (log) => [...log, 'two'])
      second.update('log', (log) => [...log, 'three'])
      await second.commit()
      await first.commit()
      expect(valuesOf(shop.store).log).toEqual(['start', 'one', 'by hand', ...(more ? ['two'] : [])])
    }
  })

  test('an update may delete, and a later set takes its place', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { n: 1, m: 1 })
    const [first, second] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    second.set('n', 5)
    second.set('m', 5)
    await second.commit()
    first.update('n', (n) => (n === 5 ? undefined : n))
    first.update('n', () => undefined)
    first.update('m', (m) => m + 1)
    first.set('m', 100)
    first.update('m', (m) => m + 1)
    await first.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', m: 101 })
  })

  test('an update that throws half-way has changed nothing', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { cart: ['tea'] })
    const session = await shop.sessions.open(cookie)
    session.get('cart')
    const full = (cart: string[]) => {
      cart.push('milk')
      throw new Error('the cart is full')
    }
    expect(() => session.update('cart', full)).toThrow('the cart is full')
    expect(session.get('cart')).toEqual(['tea'])
    expect(session.changed).toBe(false)
  })

  test('what a request read stays what it is until it saves', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { theme: 'dark', cart: ['tea'] })
    const [first, second] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    const cart = first.get('cart')
    second.set('theme', 'light')
    second.set('cart', ['milk'])
    await second.commit()
    expect(first.get('theme')).toBe('dark')
    first.set('mine', 1)
    await first.save()
    expect(first.get('theme')).toBe('light')
    // The handler holds it: it stays what it is until it asks for another.
    expect(first.get('cart')).toBe(cart)
    await first.reload()
    expect(first.get('cart')).toEqual(['milk'])
  })

  test('an object stays the same one after it was saved, and what is changed in it then is saved too', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { cart: ['tea'] })
    const session = await shop.sessions.open(cookie)
    const cart = session.get('cart')
    const prefs = { size: 1 }
    session.set('prefs', prefs)
    cart.push('milk')
    await session.save()
    expect(session.get('cart')).toBe(cart)
    expect(session.get('prefs')).toBe(prefs)
    expect(session.changed).toBe(false)
    cart.push('sugar')
    prefs.size = 2
    await session.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', cart: ['tea', 'milk', 'sugar'], prefs: { size: 2 } })
  })

  test('two saves of one request’s session run one after the other', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    session.set('a', 1)
    const saving = [session.save()]
    session.set('b', 2)
    saving.push(session.save())
    session.set('a', 3)
    await Promise.all([...saving, session.commit()])
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', a: 3, b: 2 })
  })

  test('changes to different values merge whatever they are and whoever is first', async () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', ''),
      value: fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined }),
    })
    const request = fc.uniqueArray(change, { selector: ({ key }) => key, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 2, maxLength: 4 }), async (requests) => {
        const shop = site({ slow: false })
        const cookie = await signedIn(shop)
        const expected = new Map<string, string>([['user', '"ada"']])
        const all = await Promise.all(requests.map(() => shop.sessions.open(cookie)))
        // Each request its own part of the keys.
        requests.forEach((changes, index) => {
          for (const { key, value } of changes) {
            all[index]!.set(`${key}${index}`, value)
            if (value !== undefined) expected.set(`${key}${index}`, JSON.stringify(value))
          }
        })
        for (const session of all.reverse()) await session.commit()
        expect(new Map(shop.store.only().values)).toEqual(expected)
      }),
      { numRuns: slow ? 1 : 100 },
    )
  })
})

describe('with a save under way', () => {
  test('a value that is changed in place meanwhile is saved by the next one', async () => {
    const shop = site({ slow: true })
    const cookie = await signedIn(shop, { cart: ['tea'], views: 1 })
    const session = await shop.sessions.open(cookie)
    const cart = session.get('cart')
    cart.push('milk')
    session.update('views', (n) => n + 1)
    shop.store.between = ({ method }) => {
      if (method !== 'save') return
      shop.store.between = () => {}
      cart.push('sugar')
      session.update('views', (n) => n + 1)
      session.set('draft', 1)
    }
    await session.save()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', cart: ['tea', 'milk'], views: 2 })
    expect(session.get('cart')).toBe(cart)
    expect(session.get('views')).toBe(3)
    await session.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', cart: ['tea', 'milk', 'sugar'], views: 3, draft: 1 })
  })

  test('an update that is added meanwhile is applied to what the save made of the first', async () => {
    const shop = site({ slow: true })
    const cookie = await signedIn(shop, { views: 1 })
    const [session, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    other.set('views', 100)
    await other.commit()
    session.update('views', (n) => n + 1)
    let tries = 0
    shop.store.between = ({ method }) => {
      if (method === 'save' && ++tries === 2) session.update('views', (n) => n * 2)
    }
    await session.save()
    expect(tries).toBe(2)
    expect(valuesOf(shop.store)).toMatchObject({ views: 101 })
    await session.save()
    expect(valuesOf(shop.store)).toMatchObject({ views: 202 })
    expect(session.get('views')).toBe(202)
  })

  test('an update that is added meanwhile meets what others did after it, without those that were saved', async () => {
    const shop = site({ slow: true })
    const cookie = await signedIn(shop, { n: 1 })
    const [session, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    session.update('n', (n) => n + 1)
    shop.store.between = () => {
      shop.store.between = () => {}
      session.update('n', (n) => n * 10)
    }
    await session.save()
    expect(valuesOf(shop.store)).toMatchObject({ n: 2 })
    expect(session.get('n')).toBe(20)
    other.set('n', 7)
    await other.save()
    other.set('n', 1)
    await other.save()
    await session.commit()
    expect(valuesOf(shop.store)).toMatchObject({ n: 10 })
  })

  test('a list that a merge makes another of keeps what was added to it meanwhile', async () => {
    const shop = site({ slow: true, merge: { cart: union } })
    const cookie = await signedIn(shop, { cart: ['tea'] })
    const [session, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    other.get('cart').push('sugar')
    await other.commit()
    const cart = session.get('cart')
    cart.push('milk')
    let tries = 0
    shop.store.between = ({ method }) => {
      if (method === 'save' && ++tries === 2) cart.push('salt')
    }
    await session.save()
    expect(valuesOf(shop.store).cart).toEqual(['tea', 'sugar', 'milk'])
    await session.commit()
    expect(valuesOf(shop.store).cart).toEqual(['tea', 'sugar', 'milk', 'salt'])
  })

  test('a value that is set back or deleted meanwhile is set back or deleted', async () => {
    const shop = site({ slow: true })
    const cookie = await signedIn(shop, { theme: 'dark' })
    const session = await shop.sessions.open(cookie)
    session.set('theme', 'light')
    session.set('draft', 1)
    const saving = session.save()
    await delay(0)
    session.set('theme', 'dark')
    session.delete('draft')
    await saving
    await session.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', theme: 'dark' })
  })

  test('a save that nobody waits for is waited for by the commit', async () => {
    const shop = site({ slow: true })
    const session = await shop.sessions.open(undefined)
    session.set('user', 'ada')
    void session.save()
    expect(await session.commit()).toContain(session.id)
    expect(shop.store.counted('create')).toBe(1)
  })

  test('a save that nobody waits for and that fails is done again by the commit, which says if it fails too', async () => {
    const shop = site({ slow: true })
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    session.set('a', 1)
    shop.store.failing.set('save', new Error('the disk is full'))
    void session.save()
    await expect(session.commit()).rejects.toThrow('the disk is full')
    shop.store.failing.clear()
    await session.commit()
    expect(valuesOf(shop.store)).toMatchObject({ a: 1 })
  })
})

test('others that are faster at every try are a SessionConflictError, and nothing is saved', async () => {
  const shop = site({ retries: 3 })
  const cookie = await signedIn(shop, { n: 0 })
  const [session, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
  session.update('n', (n) => n + 1)
  let tries = 0
  shop.store.between = ({ method, change }) => {
    if (method !== 'save' || change?.set?.has('other')) return
    tries++
    other.set('other', tries)
    void other.save()
  }
  expect(() => session.commit()).toThrow(expect.objectContaining({ code: 'UNTORN_SESSION_CONFLICT' }))
  expect(tries).toBe(4)
  expect(valuesOf(shop.store)).toMatchObject({ n: 0, other: 4 })
  shop.store.between = () => {}
  await session.commit()
  expect(valuesOf(shop.store)).toMatchObject({ n: 1 })
})
