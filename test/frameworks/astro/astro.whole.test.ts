import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import driver, { sessionDriver } from '../../../src/astro.ts'
import { fileStore } from '../../../src/file.ts'
import { memoryStore } from '../../../src/memory.ts'
import { gate } from '../../../src/testing/adapter/gate.ts'
import { STORES } from '../../sockets/stores.ts'
import { startChild } from '../../support/child.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { visitorOf } from './visitor.ts'

describe.each(Object.entries(STORES))("Astro's session over %s", (_, make) => {
  test('every kind of value that devalue knows comes back', async () => {
    const { request, values } = visitorOf(sessionDriver({ store: make() }))
    const shared = { deep: [1, 'text', null, undefined] }
    const all: Record<string, unknown> = {
      text: 'some',
      number: 42,
      odd: [Number.NaN, Number.POSITIVE_INFINITY, -0, undefined],
      none: null,
      date: new Date(5),
      set: new Set([1, shared]),
      map: new Map<unknown, unknown>([[shared, new Map([['a', 1n]])]]),
      url: new URL('https://shop.example/?a=b'),
      pattern: /a+/g,
      bytes: new Uint8Array([1, 2, 3]),
      part: new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
      // biome-ignore lint/suspicious/noSparseArray: devalue has a form of its own for one
      sparse: [, , 1],
      twice: [shared, shared],
      'untorn.like': { a: { b: 'some' } },
    }
    await request((session) => {
      for (const [name, value] of Object.entries(all)) session.set(name, value)
    })
    await request((session) => session.set('another', 1))
    expect(await values()).toEqual({ ...all, another: 1 })
  })

  test('what refers to itself comes back', async () => {
    const { request } = visitorOf(sessionDriver({ store: make() }))
    const own: { self?: unknown } = {}
    own.self = own
    await request((session) => session.set('own', own))
    await request((session) => session.set('other', 1))
    const found = (await request((session) => session.get('own'))) as { self: unknown }
    expect(found.self).toBe(found)
  })

  test('a value is changed, deleted, ends by itself; the session is destroyed', async () => {
    const { request, values, cookies } = visitorOf(sessionDriver({ store: make() }))
    await request((session) => {
      session.set('a', 1)
      session.set('b', 1)
      session.set('short', 1, { ttl: 0.05 })
    })
    await request(async (session) => {
      // Astro saves nothing of a request that deletes only, and has not read.
      await session.get('a')
      session.delete('a')
    })
    await request(async (session) => session.set('b', ((await session.get('b')) as number) + 1))
    await expect.poll(values).toEqual({ b: 2 })
    const cookie = cookies.get('astro-session')!
    await request((session) => session.destroy())
    cookies.set('astro-session', cookie)
    expect(await values()).toEqual({})
  })

  test('a new id has the values, and the old one nothing', async () => {
    const { request, values, cookies } = visitorOf(sessionDriver({ store: make() }))
    await request((session) => session.set('a', 1))
    const old = cookies.get('astro-session')!
    await request(async (session) => {
      await session.regenerate()
      session.set('user', 'ann')
    })
    expect(await values()).toEqual({ a: 1, user: 'ann' })
    await delay(30)
    cookies.set('astro-session', old)
    expect(await values()).toEqual({})
  })

  test.each(['in two processes', 'within their requests', 'in one process'])(
    'two requests that set different values keep both, %s',
    async (where) => {
      const store = make()
      const drivers = [sessionDriver({ store }), sessionDriver({ store })] as const
      const here = visitorOf(drivers[0])
      const there = where === 'in two processes' ? visitorOf(drivers[1]) : here
      await here.request((session) => session.set('before', 1))
      there.cookies.set('astro-session', here.cookies.get('astro-session')!)
      const change = (visitor: typeof here, name: string) => () =>
        visitor.request(async (session) => {
          await session.get('before')
          await delay(20)
          session.set(name, 1)
        })
      const [one, other] = [change(here, 'one'), change(there, 'other')]
      if (where === 'within their requests') {
        const { within } = drivers[0]
        await Promise.all([within(one), within(other)])
      } else await Promise.all([one(), other()])
      expect(await here.values()).toEqual({ before: 1, one: 1, other: 1 })
    },
  )

  test('within their requests they are exact, also where one begins after another has saved', async () => {
    const own = sessionDriver({ store: make() })
    const { request, values } = visitorOf(own)
    await request((session) => session.set('before', 1))
    const setting = (name: string, meanwhile = async () => {}) =>
      own.within(() =>
        request(async (session) => {
          await session.get('before')
          await meanwhile()
          session.set(name, 1)
        }),
      )
    const [hasRead, hasChanged] = [gate(), gate()]
    const slow = setting('slow', () => {
      hasRead.open()
      return hasChanged.opened
    })
    await hasRead.opened
    await setting('quick')
    await request((session) => session.get('quick'))
    hasChanged.open()
    await slow
    expect(await values()).toEqual({ before: 1, slow: 1, quick: 1 })
  })

  test.each(['the same process', 'another process'])(
    'a sign-out by %s under a slow request stays',
    async (by) => {
      const store = make()
      const here = visitorOf(sessionDriver({ store }))
      const there = by === 'the same process' ? here : visitorOf(sessionDriver({ store }))
      await here.request((session) => session.set('user', 'ann'))
      const cookie = here.cookies.get('astro-session')!
      there.cookies.set('astro-session', cookie)
      const [hasRead, hasEnded] = [gate(), gate()]
      const slow = here.request(async (session) => {
        await session.get('user')
        hasRead.open()
        await hasEnded.opened
        session.set('late', 1)
      })
      await hasRead.opened
      await there.request((session) => session.destroy())
      hasEnded.open()
      await slow
      here.cookies.set('astro-session', cookie)
      expect(await here.values()).toEqual({})
    },
  )
})

test('beside a process that writes no read is torn', async () => {
  const directory = temporaryDirectory()
  const { request, cookies } = visitorOf(driver({ directory }))
  await request((session) => session.set('text', '0'.repeat(1000)))
  const writer = startChild(
    new URL('./writer.ts', import.meta.url),
    directory,
    cookies.get('astro-session')!.value,
  )
  await writer.line()
  const seen = new Set<string>()
  for (let reads = 0; reads < 2000; reads++) {
    const text = (await request((session) => session.get('text'))) as string
    seen.add(text)
    if (text.length % 1000 !== 0 || new Set(text).size !== 1) expect(text).toBe('one that was written')
    if (reads % 20 === 0) await delay(1)
  }
  expect(seen.size).toBeGreaterThan(10)
})

test('what can not be in the configuration is refused', () => {
  expect(() => driver({ store: memoryStore() } as object)).toThrow(
    expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' }),
  )
  expect(() => sessionDriver({ store: fileStore as never })).toThrow(
    expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' }),
  )
})
