import { describe, expect, test } from 'vitest'
import { counter, StoreUnavailableError, union } from '../../src/index.ts'
import { STATE } from '../../src/session/view-symbols.ts'
import { cookieHeader, signedIn, site } from '../sessions/visit.ts'
import { cloning, encrypting } from '../support/encrypting.ts'
import { asksForNewId } from '../support/new-id.ts'
import { bothKinds } from '../support/plain-store.ts'

const TWENTY = Array.from({ length: 20 }, (_, index) => index)

/** A text that an encrypting serializer has made of a value says nothing of what the value is, nor whether it has changed. */
describe.each(bothKinds)('values that are encrypted, on $kind', ({ slow }) => {
  test('to read one is no change, and writes nothing', async () => {
    const shop = site({ slow, serializer: encrypting() })
    const cookie = await signedIn(shop, { cart: { tea: 1, more: [1, { deep: true }] } })
    const session = await shop.sessions.open(cookie)
    expect(session.get('cart')).toEqual({ tea: 1, more: [1, { deep: true }] })
    expect(session.changed).toBe(false)
    await session.commit()
    expect(shop.store.counted('save')).toBe(0)
  })

  test('a request that has read a value does not put it over what another one has made of it', async () => {
    const shop = site({ slow, serializer: encrypting() })
    const cookie = await signedIn(shop, { cart: { tea: 1 } })
    const reader = await shop.sessions.open(cookie)
    const writer = await shop.sessions.open(cookie)
    reader.get('cart')
    reader.set('seen', true)
    writer.get('cart').tea = 2
    await writer.commit()
    await reader.commit()
    const session = await shop.sessions.open(cookie)
    expect(session.toJSON()).toEqual({ user: 'ada', cart: { tea: 2 }, seen: true })
  })

  test('what is changed deep inside is saved, once', async () => {
    const shop = site({ slow, serializer: encrypting() })
    const cookie = await signedIn(shop, { cart: { items: [{ name: 'tea', count: 1 }] } })
    const session = await shop.sessions.open(cookie)
    session.get('cart').items[0].count++
    expect(session.changed).toBe(true)
    await session.commit()
    await session.commit()
    expect(session.changed).toBe(false)
    session.get('cart').items.push({ name: 'milk', count: 1 })
    await session.commit()
    expect(shop.store.counted('save')).toBe(2)
    const items = [
      { name: 'tea', count: 2 },
      { name: 'milk', count: 1 },
    ]
    expect((await shop.sessions.open(cookie)).get('cart')).toEqual({ items })
  })

  test('what is put back as it was, or set to what it is, writes nothing', async () => {
    const shop = site({ slow, serializer: encrypting() })
    const cookie = await signedIn(shop, { cart: { tea: 1 } })
    const session = await shop.sessions.open(cookie)
    session.get('cart').tea = 2
    expect(session.changed).toBe(true)
    session.get('cart').tea = 1
    session.set('user', 'ada')
    session.update('cart', (cart) => ({ ...cart }))
    expect(session.changed).toBe(false)
    session.set('cart', { tea: 1 })
    await session.commit()
    expect(shop.store.counted('save')).toBe(0)
  })

  test('Dates, Maps, Sets and bytes are seen to change, in their order too', async () => {
    const shop = site({ slow, serializer: encrypting(cloning) })
    const given = {
      at: new Date(5),
      map: new Map<string, unknown>([
        ['a', { n: 1 }],
        ['b', { n: 2 }],
      ]),
      set: new Set([1, 2]),
      bytes: Uint8Array.of(1, 2, 3),
      zero: [0],
      order: { a: 1, b: 2 },
      holes: Object.assign(new Array<number>(3), { 0: 1, 2: 3 }),
      none: { a: undefined },
      words: [/a/g],
    }
    const cookie = await signedIn(shop, given)
    const reader = await shop.sessions.open(cookie)
    expect(reader.toJSON()).toEqual({ user: 'ada', ...given })
    expect(reader.changed).toBe(false)
    const changes: Record<keyof typeof given, (value: never) => unknown> = {
      at: (at: Date) => at.setTime(6),
      map: (map: Map<string, unknown>) => map.delete('a') && map.set('a', { n: 1 }),
      set: (set: Set<number>) => set.delete(1) && set.add(1),
      bytes: (bytes: Uint8Array) => bytes.fill(3, 2).fill(9, 0, 1),
      zero: (zero: number[]) => zero.fill(-0),
      order: (order: Record<string, unknown>) => delete order.a && Object.assign(order, { a: 1 }),
      holes: (holes: number[]) => holes.fill(2, 1, 2),
      none: (none: { a?: undefined }) => delete none.a,
      words: (words: RegExp[]) => words.fill(/b/g),
    }
    for (const [name, change] of Object.entries(changes)) {
      const session = await shop.sessions.open(cookie)
      change(session.get(name) as never)
      expect(session.changed, name).toBe(true)
    }
  })

  test('parts that are shared, and what contains itself, are compared as they are', async () => {
    const shop = site({ slow, serializer: encrypting(cloning) })
    const part = { n: 1 }
    const ring: { self?: unknown } = {}
    ring.self = ring
    const cookie = await signedIn(shop, { twice: { a: part, b: part }, ring })
    const session = await shop.sessions.open(cookie)
    expect(session.get('ring').self).toBe(session.get('ring'))
    session.get('twice')
    expect(session.changed).toBe(false)
    session.get('twice').b = { n: 1 }
    expect(session.changed).toBe(true)
  })

  test('20 overlapping updates, counters and sets are all kept', async () => {
    const shop = site({ slow, serializer: encrypting(), merge: { points: counter, cart: union } })
    const cookie = await signedIn(shop, { views: 7, log: [], points: 7, cart: ['tea'] })
    const all = await Promise.all(TWENTY.map(() => shop.sessions.open(cookie)))
    await Promise.all(
      all.map((session, index) => {
        session.update('views', (n = 0) => n + 1)
        session.update('log', (log: number[]) => [...log, index])
        // Looked at between its change and its save, as applications do.
        expect(session.get('log')).toEqual([index])
        session.set('points', session.get('points') + 1)
        session.get('cart').push(`item${index}`)
        expect(session.changed).toBe(true)
        return session.commit()
      }),
    )
    const { views, log, points, cart } = (await shop.sessions.open(cookie)).toJSON()
    expect({ views, points }).toEqual({ views: 27, points: 27 })
    expect(new Set(log)).toEqual(new Set(TWENTY))
    expect(new Set(cart)).toEqual(new Set(['tea', ...TWENTY.map((index) => `item${index}`)]))
  })

  test('an update of an object that nobody touched since meets what others did', async () => {
    const shop = site({ slow, serializer: encrypting() })
    const cookie = await signedIn(shop, { cart: { tea: 1 } })
    const [first, second] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    first.update('cart', (cart) => ({ ...cart, milk: 1 }))
    first.get('cart').milk = 2
    first.get('cart').milk = 1
    expect(first.changed).toBe(true)
    second.update('cart', (cart) => ({ ...cart, bread: 1 }))
    await second.commit()
    await first.commit()
    expect((await shop.sessions.open(cookie)).get('cart')).toEqual({ tea: 1, bread: 1, milk: 1 })
  })

  test('an update or a merge that comes to what is there writes nothing', async () => {
    const shop = site({ slow, serializer: encrypting(), merge: { bid: (_base, _mine, theirs) => theirs } })
    const cookie = await signedIn(shop, { cart: { tea: 1 }, bid: 1 })
    const [first, second] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    first.update('cart', (cart) => ({ ...cart, tea: 2 }))
    first.set('bid', 2)
    await first.commit()
    second.update('cart', (cart) => ({ ...cart, tea: 2 }))
    second.set('bid', 3)
    await second.commit()
    expect(shop.store.only().version).toBe(1)
    expect([second.get('bid'), second.get('cart')]).toEqual([2, { tea: 2 }])
  })

  test('a value is taken once, with what was changed in it', async () => {
    const shop = site({ slow, serializer: encrypting() })
    const cookie = await signedIn(shop, { notice: { text: 'Saved' } })
    const [first, second] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    first.get('notice').text += '!'
    expect(await first.take('notice')).toEqual({ text: 'Saved!' })
    expect(await second.take('notice')).toBeUndefined()
    await Promise.all([first.commit(), second.commit()])
    expect((await shop.sessions.open(cookie)).has('notice')).toBe(false)
  })

  test('a new id takes along what was changed, and what was read alone is as the others have it', async () => {
    const shop = site({ slow, serializer: encrypting() })
    const cookie = await signedIn(shop, { cart: { tea: 1 }, prefs: { size: 1 } })
    const [first, second] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    first.get('cart').tea = 2
    first.get('prefs')
    asksForNewId(first)
    second.get('prefs').size = 2
    await second.commit()
    const moved = await shop.sessions.open(cookieHeader(await first.commit()))
    expect(moved.toJSON()).toEqual({ user: 'ada', cart: { tea: 2 }, prefs: { size: 2 } })
    expect(first.changed).toBe(false)
  })

  test('what was to be saved by a save that failed is known again, and saved by the next one', async () => {
    const shop = site({ slow, serializer: encrypting() })
    const cookie = await signedIn(shop, { cart: { tea: 1 }, prefs: {} })
    const session = await shop.sessions.open(cookie)
    session.get('prefs')
    session.get('cart').tea = 2
    shop.store.failing.set('save', new StoreUnavailableError('down'))
    await expect(async () => session.save()).rejects.toThrow('down')
    // A handler that was told of the failure keeps its answer as long as this stays the same.
    const { changes } = session[STATE]
    expect(session[STATE].changes).toBe(changes)
    shop.store.failing.clear()
    await session.commit()
    expect(shop.store.counted('save')).toBe(2)
    expect((await shop.sessions.open(cookie)).get('cart')).toEqual({ tea: 2 })
  })

  test('limits count the texts that are stored, and what can’t be read is no reason to write', async () => {
    const shop = site({ slow, serializer: encrypting(), maxBytes: 220 })
    const session = await shop.sessions.open(undefined)
    session.set('note', 'x'.repeat(120))
    await session.commit()
    session.set('note', 'x'.repeat(150))
    await expect(async () => session.commit()).rejects.toMatchObject({ code: 'UNTORN_SESSION_TOO_LARGE' })
    const other = site({ store: shop.store, slow, serializer: encrypting() })
    const stranger = await other.sessions.open(`__Host-sid=${session.id}`)
    expect(stranger.get('note')).toBeUndefined()
    await stranger.commit()
    expect(shop.store.counted('save')).toBe(0)
  })
})

test('an object of a class can’t be looked into: it is saved rather than lost', async () => {
  class Account {
    #balance: number
    constructor(balance: number) {
      this.#balance = balance
    }
    add(amount: number): void {
      this.#balance += amount
    }
    get balance(): number {
      return this.#balance
    }
  }
  const accounts = {
    stringify: (value: unknown) =>
      JSON.stringify(value instanceof Account ? { balance: value.balance } : value),
    parse(text: string) {
      const value = JSON.parse(text)
      return typeof value === 'object' ? new Account(value.balance) : value
    },
  }
  for (const serializer of [accounts, encrypting(accounts)]) {
    const shop = site({ serializer })
    const cookie = await signedIn(shop, { account: new Account(1) })
    const session = await shop.sessions.open(cookie)
    session.get('account').add(4)
    expect(session.changed).toBe(true)
    await session.commit()
    expect((await shop.sessions.open(cookie)).get('account').balance).toBe(5)
  }
  // Where its text is the same each time, reading it is no change.
  const shop = site({ serializer: accounts })
  const session = await shop.sessions.open(await signedIn(shop, { account: new Account(1) }))
  expect(session.get('account').balance).toBe(1)
  expect(session.changed).toBe(false)
})

test('a promise is refused, as it is without a serializer', async () => {
  const session = await site({ serializer: encrypting() }).sessions.open(undefined)
  expect(() => session.set('user', Promise.resolve('ada'))).toThrow(
    /is a promise \(is an `await` missing\?\)/,
  )
})
