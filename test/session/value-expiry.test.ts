import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { union } from '../../src/index.ts'
import { signedIn, site, valuesOf } from '../sessions/visit.ts'
import { bothKinds } from '../support/plain-store.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000_000 }))
afterEach(() => void vi.useRealTimers())

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)

describe.each(bothKinds)('a value with an expiry of its own, on $kind', ({ slow }) => {
  async function withCode(expiresIn: '10m' | number = '10m', code: unknown = '123456') {
    const shop = site({ slow, idleTimeout: '1h' })
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    session.set('code', code, { expiresIn })
    await session.commit()
    return { shop, cookie, session, open: () => shop.sessions.open(cookie) }
  }

  test('is there until then, and not afterwards: for those who had opened the session before, too', async () => {
    for (const code of ['123456', { digits: [1, 2, 3] }]) {
      const { session, open } = await withCode('10m', code)
      const early = await open()
      expect(early.get('code')).toEqual(code)
      pass(10 * 60_000 - 1)
      expect((await open()).get('code')).toEqual(code)
      expect((await open()).keys()).toEqual(['user', 'code'])
      pass(1)
      for (const one of [session, early, await open()]) {
        expect(one.get('code')).toBeUndefined()
        expect(one.has('code')).toBe(false)
        expect(one.keys()).toEqual(['user'])
        expect(one.entries()).toEqual([['user', 'ada']])
        expect(one.toJSON()).toEqual({ user: 'ada' })
        expect(one.delete('code')).toBe(false)
        expect(one.changed).toBe(false)
      }
      expect(await early.take('code')).toBeUndefined()
      expect(await (await open()).take('code')).toBeUndefined()
    }
  })

  test('is taken by one request before it', async () => {
    const { open, shop } = await withCode()
    const all = await Promise.all([1, 2, 3].map(open))
    const got = await Promise.all(all.map((session) => session.take('code')))
    expect(got.filter((code) => code === '123456')).toHaveLength(1)
    expect(valuesOf(shop.store)).toEqual({ user: 'ada' })
  })

  test('goes with a later save, and with nothing less; nobody brings it back', async () => {
    const { open, shop } = await withCode()
    const [holder, other] = [await open(), await open()]
    holder.update('code', (code) => code && `${code}!`)
    pass(600_000)
    expect(Object.keys(valuesOf(shop.store))).toContain('code')
    other.set('more', 1)
    await other.commit()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', more: 1 })
    holder.set('late', 1)
    await holder.commit()
    expect((await open()).toJSON()).toEqual({ user: 'ada', more: 1, late: 1 })
  })

  test('one that is set anew meanwhile is not dropped with the old one', async () => {
    const { open } = await withCode()
    pass(600_000)
    const [slowly, other] = [await open(), await open()]
    other.set('code', '654321', { expiresIn: '10m' })
    slowly.set('more', 1)
    await other.commit()
    await slowly.commit()
    expect((await open()).toJSON()).toEqual({ user: 'ada', code: '654321', more: 1 })
  })

  test('keeps its expiry through updates and changes in place; set anew it has another one, or none', async () => {
    const { open } = await withCode('10m', { tries: 0 })
    const first = await open()
    first.get('code').tries++
    await first.commit()
    const second = await open()
    second.update('code', (code) => ({ tries: code.tries + 1 }))
    second.get('code').tries++
    await second.commit()
    expect((await open()).get('code')).toEqual({ tries: 3 })
    const kept = await open()
    kept.set('code', { tries: 3 })
    expect(kept.changed).toBe(true)
    pass(600_000)
    expect((await open()).has('code')).toBe(false)
    await kept.commit()
    expect((await open()).get('code')).toEqual({ tries: 3 })
    pass(600_000)
    expect((await open()).get('code')).toEqual({ tries: 3 })
  })

  test('overlapping requests count exactly within it, and begin anew behind it', async () => {
    const { open } = await withCode('10m', 0)
    const all = await Promise.all(Array.from({ length: 10 }, open))
    for (const session of all) session.increment('code')
    await Promise.all(all.map((session) => session.commit()))
    expect((await open()).get('code')).toBe(10)
    const early = await open()
    expect(early.increment('code')).toBe(11)
    pass(600_000)
    const late = await open()
    expect(late.increment('code')).toBe(1)
    await late.commit()
    expect((await open()).get('code')).toBe(1)
    await early.commit()
    expect((await open()).get('code')).toBe(2)
  })

  test('whoever of two sets it last has set its expiry too', async () => {
    for (const [first, last, isThere] of [
      [{ expiresIn: '10m' }, undefined, true],
      [undefined, { expiresIn: '10m' }, false],
    ] as const) {
      const shop = site({ slow, idleTimeout: '1h' })
      const cookie = await signedIn(shop)
      const [one, two] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
      one.set('code', 'one', first)
      two.set('code', 'two', last)
      await one.commit()
      await two.commit()
      pass(600_000)
      expect((await shop.sessions.open(cookie)).get('code')).toBe(isThere ? 'two' : undefined)
    }
  })

  test('comes along to a new id', async () => {
    const { open, shop } = await withCode()
    const session = await open()
    await session.regenerate()
    const next = (await session.commit())!.split(';')[0]
    expect((await shop.sessions.open(next)).get('code')).toBe('123456')
    pass(600_000)
    expect((await shop.sessions.open(next)).get('code')).toBeUndefined()
  })
})

test('what an application stores is its own, whatever it looks like', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  const texts = [
    ['untorn:until', 1, '"gone"'],
    ['untorn:until', null, '"gone"'],
    ['untorn:until', 'x'],
    [['untorn:until', 1, '1']],
  ]
  const session = await shop.sessions.open(cookie)
  for (const [at, text] of texts.entries()) {
    session.set(`plain${at}`, text)
    session.set(`soon${at}`, text, { expiresIn: '10m' })
  }
  await session.commit()
  const next = await shop.sessions.open(cookie)
  for (const [at, text] of texts.entries()) {
    expect(next.get(`plain${at}`)).toEqual(text)
    expect(next.get(`soon${at}`)).toEqual(text)
    next.get(`plain${at}`)
  }
  expect(next.changed).toBe(false)
  pass(600_000)
  expect((await shop.sessions.open(cookie)).keys()).toEqual(['user', ...texts.map((_, at) => `plain${at}`)])
})

test('a text that only begins like one of ours is read as what it is', async () => {
  const shop = site()
  const cookie = await signedIn(shop)
  const key = shop.store.calls.findLast(({ method }) => method === 'create')!.key
  shop.store.plant(key, 'odd', '["untorn:until",1]')
  expect((await shop.sessions.open(cookie)).get('odd')).toEqual(['untorn:until', 1])
})

test('a merge keeps the expiry of what this request has set', async () => {
  const shop = site({ idleTimeout: '1h', merge: { seen: (_base, mine, theirs) => [...theirs, ...mine] } })
  const cookie = await signedIn(shop, { seen: [] })
  const [one, two] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
  one.set('seen', [1])
  two.set('seen', [2], { expiresIn: '10m' })
  await one.commit()
  await two.commit()
  expect((await shop.sessions.open(cookie)).get('seen')).toEqual([1, 2])
  pass(600_000)
  expect((await shop.sessions.open(cookie)).get('seen')).toBeUndefined()
})

test('a merge with what this request has deleted keeps the expiry that the others have', async () => {
  const shop = site({ idleTimeout: '1h', merge: { seen: union } })
  const cookie = await signedIn(shop)
  const before = await shop.sessions.open(cookie)
  before.set('seen', ['a'], { expiresIn: '10m' })
  await before.commit()
  const [one, other] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
  other.get('seen').push('b')
  await other.commit()
  one.delete('seen')
  await one.commit()
  expect((await shop.sessions.open(cookie)).get('seen')).toEqual(['b'])
  pass(600_000)
  expect((await shop.sessions.open(cookie)).get('seen')).toBeUndefined()
})

test('a mistake is told', async () => {
  const session = await site().sessions.open(undefined)
  const invalid = expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' })
  expect(() => session.set('code', 1, { expiresIn: 'soon' as never })).toThrow(invalid)
  expect(() => session.set('code', 1, { maxAge: 1 } as never)).toThrow(invalid)
  expect(session.has('code')).toBe(false)
})
