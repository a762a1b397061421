import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { presets } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { type Browser, type Site, site, whoAre } from './site.ts'
import { onEachStore } from './stores.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.UTC(2026, 0, 1)

const clockAt = (ms: number) => vi.setSystemTime(START + ms)

/** Somebody who signs in at the start, and comes again at `used`. */
async function seenAt(used: number, { signedIn }: Site): Promise<Browser> {
  clockAt(0)
  const ada = await signedIn('ada')
  clockAt(used)
  expect(await ada.isSignedInAs()).toBe('ada')
  return ada
}

describe('7.1.1 the timeouts are what the documents say', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: START }))
  afterEach(() => void vi.useRealTimers())

  // Of a use in the first tenth, and of one behind it.
  const moments = [0, 2 * MINUTE, 3 * MINUTE, 20 * MINUTE]

  test.each(moments)(
    '30 minutes without use are certain, and a tenth more is the end: used at %d',
    async (used) => {
      const shop = await site()
      const [early, late] = [await seenAt(used, shop), await seenAt(used, shop)]
      clockAt(used + 30 * MINUTE - 1)
      expect(await early.isSignedInAs()).toBe('ada')
      clockAt(used + 33 * MINUTE)
      expect(await late.isSignedInAs()).toBe('nobody')
    },
  )

  test('the lifetime is seven days, to the millisecond', async () => {
    const ada = await seenAt(DAY, await site({ idleTimeout: '7d' }))
    clockAt(7 * DAY - 1)
    expect(await ada.isSignedInAs()).toBe('ada')
    clockAt(7 * DAY)
    expect(await ada.isSignedInAs()).toBe('nobody')
  })

  test.each([
    ['AAL2', HOUR, 24 * HOUR],
    ['AAL3', HOUR / 4, 12 * HOUR],
  ] as const)(
    'the preset %s never lets anybody in longer than the standard',
    async (name, idle, lifetime) => {
      const shop = await site(presets[name])
      for (const used of [0, idle / 20, idle / 11, idle / 2]) {
        const [early, late] = [await seenAt(used, shop), await seenAt(used, shop)]
        clockAt(used + idle * 0.9)
        expect(await early.isSignedInAs()).toBe('ada')
        clockAt(used + idle)
        expect(await late.isSignedInAs()).toBe('nobody')
      }
      const ada = await seenAt(0, shop)
      for (let at = 0; at < lifetime; at += idle * 0.8) {
        clockAt(at)
        expect(await ada.isSignedInAs()).toBe('ada')
      }
      clockAt(lifetime)
      expect(await ada.isSignedInAs()).toBe('nobody')
    },
  )

  test('a shortened one holds for a session that there is already: the lifetime at once, the other from its next use', async () => {
    const store = memoryStore()
    const [before, after] = [
      await site({ store, idleTimeout: '30d', lifetime: '90d' }),
      await site({ store, ...presets.AAL3 }),
    ]
    const strict = after.copyOf(await seenAt(HOUR, before))
    expect(await strict.isSignedInAs()).toBe('ada')
    clockAt(HOUR + 15 * MINUTE)
    expect(await strict.isSignedInAs()).toBe('nobody')
    const bob = await seenAt(HOUR, before)
    clockAt(12 * HOUR)
    expect(await after.copyOf(bob).isSignedInAs()).toBe('nobody')
  })
})

await onEachStore((empty) => {
  describe('7.3.1 a session that nobody uses ends', () => {
    test('after its idle timeout, and one that has a longer one stays', async () => {
      const open = await empty()
      const ada = await (await site({ store: open(), idleTimeout: '100ms' })).signedIn('ada')
      const bob = await (await site({ store: open() })).signedIn('bob')
      await sleep(150)
      expect(await whoAre([ada, bob])).toEqual(['nobody', 'bob'])
    })
  })

  describe('7.3.2 a session ends at last, however much it is used', () => {
    test('after its lifetime, and one that has a longer one stays', async () => {
      const open = await empty()
      const ada = await (await site({ store: open(), lifetime: '150ms' })).signedIn('ada')
      const bob = await (await site({ store: open() })).signedIn('bob')
      const end = performance.now() + 200
      while (performance.now() < end) {
        await Promise.all([ada.post('/note'), bob.post('/note')])
        await sleep(10)
      }
      expect(await whoAre([ada, bob])).toEqual(['nobody', 'bob'])
    })
  })
})
