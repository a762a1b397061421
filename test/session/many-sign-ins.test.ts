import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ownerKey } from '../../src/owners/keys.ts'
import { OwnerRecord } from '../../src/owners/record.ts'
import { cookieHeader, type Site, site } from '../sessions/visit.ts'
import { bothKinds } from '../support/plain-store.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

async function signIn({ sessions }: Site, cookie?: string): Promise<string> {
  const session = await sessions.open(cookie)
  await session.login('ada')
  return cookieHeader(await session.commit())
}

async function signInsOf({ store }: Site): Promise<number> {
  return new OwnerRecord((await store.load(ownerKey(undefined, 'ada')))!).signIns.length
}

async function signedIn({ sessions }: Site, cookies: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const cookie of cookies) if ((await sessions.open(cookie)).owner === 'ada') found.push(cookie)
  return found
}

describe.each(bothKinds)('many sign-ins of one owner, on $kind', ({ slow }) => {
  test('who passes one cookie on can not be on any number of devices that count as one', async () => {
    const shop = site({ slow, maxPerOwner: 1 })
    const first = await shop.sessions.open(undefined)
    first.set('cart', ['tea'])
    const passedOn = cookieHeader(await first.commit())
    const cookies: string[] = []
    for (let n = 0; n < 12; n++) cookies.push(await signIn(shop, passedOn))
    expect(await signedIn(shop, cookies)).toEqual(cookies.slice(-5))
  })

  test('a new id and a second click are no others: with refusal, too', async () => {
    const shop = site({ slow, maxPerOwner: 1, onMaxPerOwner: 'refuse' })
    const cookie = await signIn(shop)
    const twice = [await signIn(shop, cookie), await signIn(shop, cookie)]
    expect(await signedIn(shop, twice)).toEqual(twice)
  })

  test('with a limit, devices whose sessions have expired are looked at once, and forgotten', async () => {
    const shop = site({ slow, maxPerOwner: 2, idleTimeout: '1h' })
    for (let n = 0; n < 6; n++) {
      await signIn(shop)
      vi.setSystemTime(Date.now() + 2 * 3_600_000)
    }
    await expect.poll(() => signInsOf(shop)).toBeLessThanOrEqual(2)
  })

  test('without one, what is known of them does not grow with each, once they have expired', async () => {
    const shop = site({ slow, idleTimeout: '1h' })
    for (let n = 0; n < 70; n++) {
      await signIn(shop)
      vi.setSystemTime(Date.now() + 2 * 3_600_000)
    }
    await expect.poll(() => signInsOf(shop)).toBeLessThanOrEqual(60)
    const last = await signIn(shop)
    await shop.sessions.revokeAll('ada')
    expect(await signedIn(shop, [last])).toEqual([])
  })

  test('those that live are not forgotten, however many there are', async () => {
    const shop = site({ slow })
    const cookies: string[] = []
    for (let n = 0; n < 70; n++) cookies.push(await signIn(shop))
    expect(await signedIn(shop, cookies)).toHaveLength(70)
    await shop.sessions.revokeAll('ada')
    expect(await signedIn(shop, cookies)).toEqual([])
  })
})
