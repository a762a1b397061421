import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type * as adonisjs from '../../src/adonisjs.ts'
import type * as astro from '../../src/astro.ts'
import type * as betterAuth from '../../src/better-auth.ts'
import { keyOfNoSession } from '../../src/contract/key.ts'
import { type SessionStore, sessionKey } from '../../src/index.ts'
import type * as koaSession from '../../src/koa-session.ts'
import type * as nextjsAuth0 from '../../src/nextjs-auth0.ts'
import type * as remix from '../../src/remix.ts'
import { gate } from '../../src/testing/adapter/gate.ts'
import type * as unstorage from '../../src/unstorage.ts'
import { againIfSlow } from '../support/again-if-slow.ts'

/** The sockets as they stand in src/, or with a fault in them. */
export interface Sockets {
  adonisjs: typeof adonisjs
  astro: typeof astro
  betterAuth: typeof betterAuth
  koaSession: typeof koaSession
  nextjsAuth0: typeof nextjsAuth0
  remix: typeof remix
  unstorage: typeof unstorage
}

type Case = (sockets: Sockets, store: SessionStore) => Promise<void>

const HOUR = 3600
const inAnHour = () => Date.now() + HOUR * 1000
const session = (token: string, more: object = {}, user: object = { name: 'Ann' }) =>
  JSON.stringify({ session: { token, ...more }, user })
const LIST = 'active-sessions-ann'
const tokensIn = (list: string | null) =>
  (JSON.parse(list ?? '[]') as { token: string }[]).map(({ token }) => token).sort()

/** As better-auth does it: the list is read, and written with something else in it. */
async function change(
  storage: betterAuth.BetterAuthStorage,
  to: (list: { token: string; expiresAt: number }[]) => object[],
  wait = 0,
): Promise<void> {
  const list = JSON.parse((await storage.get(LIST)) ?? '[]')
  await delay(wait)
  const next = to(list)
  if (next.length === 0) await storage.delete(LIST)
  else await storage.set(LIST, JSON.stringify(next), HOUR)
}

const adding =
  (...tokens: string[]) =>
  (list: object[]) => [...list, ...tokens.map((token) => ({ token, expiresAt: inAnHour() }))]
const without = (token: string) => (list: { token: string }[]) =>
  list.filter((entry) => entry.token !== token)

const BETTER_AUTH: Record<string, Case> = {
  'better-auth: every text comes back, and nothing is null': async ({ betterAuth }, store) => {
    const { get, set, delete: remove } = betterAuth.secondaryStorage(store)
    expect(await get('k')).toBeNull()
    for (const text of [
      '',
      'text',
      '{"a": 1}',
      '[1]',
      'null',
      '{"session":{"token":"another"}}',
      '\u{1F36A}\u0000',
    ]) {
      await set('k', text)
      expect(await get('k')).toBe(text)
    }
    await set('token', session('token', { a: 1 }))
    expect(JSON.parse((await get('token'))!)).toEqual(JSON.parse(session('token', { a: 1 })))
    await remove('k')
    expect(await get('k')).toBeNull()
    await set('k', 'anew')
    expect(await get('k')).toBe('anew')
  },
  'better-auth: an entry of a list that can not be read hides no other, and is left where it is': async (
    { betterAuth },
    store,
  ) => {
    const storage = betterAuth.secondaryStorage(store)
    await change(storage, adding('one', 'two'))
    const [list, one] = [keyOfNoSession(`better-auth ${LIST}`), sessionKey('one')]
    await store.save(list, { set: new Map([[one, '{']]) })
    await expect(change(storage, adding('three'))).resolves.toBeUndefined()
    expect(tokensIn(await storage.get(LIST))).toEqual(['three', 'two'])
    expect((await store.load(list))?.values.get(one)).toBe('{')
  },
  'better-auth: a time to live is in seconds': async ({ betterAuth }, store) => {
    const { get, set } = betterAuth.secondaryStorage(store)
    await set('short', '1', 0.1)
    await set('long', '1', 60)
    await set('over', '1')
    await set('over', '1', 0)
    await delay(150)
    expect([await get('short'), await get('long'), await get('over')]).toEqual([null, '1', null])
  },
  'better-auth: what is no text or number is refused, and not quoted': async ({ betterAuth }, store) => {
    const { get, set, increment } = betterAuth.secondaryStorage(store)
    const refused = {
      name: 'TypeError',
      code: 'UNTORN_INVALID_ARGUMENT',
      message: expect.not.stringMatching('secret'),
    }
    await expect(get(undefined as never)).rejects.toMatchObject(refused)
    await expect(get('')).rejects.toMatchObject(refused)
    await expect(set('secret', { a: 1 } as never)).rejects.toMatchObject(refused)
    await expect(set('secret', 'secret', 'secret' as never)).rejects.toMatchObject(refused)
    await expect(set('secret', 'secret', Number.NaN)).rejects.toMatchObject(refused)
    await expect(increment('secret', undefined as never)).rejects.toMatchObject(refused)
    await expect(set('active-sessions-secret', 'secret')).rejects.toMatchObject(refused)
    await expect(set('revoked-sessions-before-secret', 'secret')).rejects.toMatchObject(refused)
    expect(() => betterAuth.secondaryStorage(store, { idle: 1 } as object)).toThrow(
      expect.objectContaining({ code: 'UNTORN_INVALID_OPTION' }),
    )
  },
  'better-auth: sign-ins at once are all in the list': async ({ betterAuth }, store) => {
    const storages = [betterAuth.secondaryStorage(store), betterAuth.secondaryStorage(store)]
    await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((token, n) => change(storages[n % 2]!, adding(token), n === 0 ? 20 : 5)),
    )
    expect(tokensIn(await storages[0]!.get(LIST))).toEqual(['a', 'b', 'c', 'd', 'e'])
  },
  'better-auth: what is taken out of the list is out, also while others add to it': async (
    { betterAuth },
    store,
  ) => {
    const storage = betterAuth.secondaryStorage(store)
    await change(storage, adding('a', 'b'))
    await Promise.all([
      change(storage, without('a'), 5),
      change(storage, adding('c'), 15),
      change(storage, without('b'), 25),
    ])
    expect(tokensIn(await storage.get(LIST))).toEqual(['c'])
  },
  'better-auth: a list that is deleted keeps what was added since it was read': async (
    { betterAuth },
    store,
  ) => {
    const storage = betterAuth.secondaryStorage(store)
    await change(storage, adding('a'))
    await Promise.all([change(storage, without('a'), 60), change(storage, adding('b'))])
    expect(tokensIn(await storage.get(LIST))).toEqual(['b'])
  },
  'better-auth: a list that was not there when it was read is not deleted': async ({ betterAuth }, store) => {
    const storage = betterAuth.secondaryStorage(store)
    await Promise.all([change(storage, () => [], 60), change(storage, adding('b'))])
    expect(tokensIn(await storage.get(LIST))).toEqual(['b'])
  },
  'better-auth: a list lives as long as its longest session': async ({ betterAuth }, store) => {
    const storage = betterAuth.secondaryStorage(store)
    await change(storage, adding('a'))
    const list = JSON.parse((await storage.get(LIST))!)
    await storage.set(LIST, JSON.stringify([...list, { token: 'b', expiresAt: Date.now() + 5000 }]), 1)
    const ends: number[] = []
    for await (const [, { expiresAt }] of store.records({ all: true })) ends.push(expiresAt)
    expect(Math.max(...ends)).toBeGreaterThan(Date.now() + (HOUR - 60) * 1000)
    const longer = { token: 'c', expiresAt: Date.now() + 3 * HOUR * 1000 }
    await change(storage, (list) => [...list, longer])
    for await (const [, { expiresAt }] of store.records({ all: true })) ends.push(expiresAt)
    expect(Math.max(...ends)).toBeGreaterThan(longer.expiresAt - 60_000)
  },
  'better-auth: what was ended while it was refreshed stays ended': async ({ betterAuth }, store) => {
    const [here, there] = [betterAuth.secondaryStorage(store), betterAuth.secondaryStorage(store)]
    await there.set('token', session('token', { n: 1 }), HOUR)
    await here.get('token')
    await there.delete('token')
    await here.set('token', session('token', { n: 2 }), HOUR)
    expect(await here.get('token')).toBeNull()
  },
  'better-auth: a token that has ended before its session is stored never is one': async (
    { betterAuth },
    store,
  ) => {
    const [here, there] = [betterAuth.secondaryStorage(store), betterAuth.secondaryStorage(store)]
    await there.delete('token')
    await here.set('token', session('token'), HOUR)
    expect(await here.get('token')).toBeNull()
  },
  'better-auth: one that has ended is not put into the list again': async ({ betterAuth }, store) => {
    const [here, there] = [betterAuth.secondaryStorage(store), betterAuth.secondaryStorage(store)]
    await there.delete('ended')
    await change(here, adding('ended', 'other'))
    expect(tokensIn(await here.get(LIST))).toEqual(['other'])
  },
  'better-auth: a refresh and a new name at once both stay': async ({ betterAuth }, store) => {
    const [here, there] = [betterAuth.secondaryStorage(store), betterAuth.secondaryStorage(store)]
    await here.set('token', session('token', { n: 1 }), HOUR)
    await here.get('token')
    await there.get('token')
    await there.set('token', session('token', { n: 1 }, { name: 'Anne' }), HOUR)
    await here.set('token', session('token', { n: 2 }), HOUR)
    expect(JSON.parse((await there.get('token'))!)).toEqual({
      session: { token: 'token', n: 2 },
      user: { name: 'Anne' },
    })
  },
  'better-auth: the later revocation counts': async ({ betterAuth }, store) => {
    const { get, set } = betterAuth.secondaryStorage(store)
    await Promise.all(['100', '300', '200'].map((moment) => set('revoked-sessions-before-ann', moment, HOUR)))
    await set('revoked-sessions-before-ann', '250', HOUR)
    expect(await get('revoked-sessions-before-ann')).toBe('300')
  },
  'better-auth: a value is taken once': async ({ betterAuth }, store) => {
    const storages = [betterAuth.secondaryStorage(store), betterAuth.secondaryStorage(store)]
    await storages[0]!.set('verification:a', 'code', HOUR)
    const taken = await Promise.all(
      Array.from({ length: 6 }, (_, n) => storages[n % 2]!.getAndDelete('verification:a')),
    )
    expect(taken.filter((value) => value !== null)).toEqual(['code'])
    await storages[0]!.set('verification:a', 'another', HOUR)
    expect(await storages[1]!.getAndDelete('verification:a')).toBe('another')
  },
  'better-auth: a value that was set anew is not taken for the former one': async ({ betterAuth }, store) => {
    let meanwhile: (() => Promise<void>) | undefined
    const between = new Proxy(store, {
      get: (_, name) => {
        const own = Reflect.get(store, name)
        if (name !== 'load') return typeof own === 'function' ? own.bind(store) : own
        return async (...args: unknown[]) => {
          const found = await own.apply(store, args)
          const work = meanwhile
          meanwhile = undefined
          await work?.()
          return found
        }
      },
    })
    const [here, there] = [betterAuth.secondaryStorage(between), betterAuth.secondaryStorage(store)]
    await there.set('verification:a', 'former', HOUR)
    meanwhile = async () => {
      await there.delete('verification:a')
      await there.set('verification:a', 'new', HOUR)
    }
    expect(await here.getAndDelete('verification:a')).toBe('new')
  },
  'better-auth: increments all count, in a window from the first on': async ({ betterAuth }, store) => {
    const storages = [betterAuth.secondaryStorage(store), betterAuth.secondaryStorage(store)]
    const counts = await Promise.all(
      Array.from({ length: 12 }, (_, n) => storages[n % 2]!.increment('ip|path', 60)),
    )
    expect(counts.sort((one, other) => one - other)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    await againIfSlow(400, async (ms, pass) => {
      const next = () => storages[0]!.increment(`in ${ms} ms`, ms / 1000)
      expect(await next()).toBe(1)
      await pass(ms * 0.6)
      expect(await next()).toBe(2)
      await pass(ms * 0.6)
      expect(await next()).toBe(1)
    })
  },
  'better-auth: what it keeps is no session of untorn': async ({ betterAuth }, store) => {
    const { set } = betterAuth.secondaryStorage(store)
    await set('token', session('token'), HOUR)
    for await (const [key] of store.records()) expect(key).toBeUndefined()
  },
}

/** What {@link DEVALUE} was given, in whichever order a store keeps it. */
function dataIn(text: string): Record<string, unknown> {
  const [[, ...places], ...others] = JSON.parse(text) as [[string, ...number[]], ...unknown[]]
  const at = (place: number): unknown => others[place - 1]
  const found: Record<string, unknown> = {}
  for (let n = 0; n < places.length; n += 2) {
    const { data } = at(places[n + 1]!) as { data: number }
    found[at(places[n]!) as string] = at(data)
  }
  return found
}

/** Its number may be what it says, or a place. */
const BOXED = '[["Map",1,2],"a",["Object",1]]'

const DEVALUE = (values: Record<string, number>) => {
  const nodes: unknown[] = [['Map']]
  for (const [name, value] of Object.entries(values)) {
    ;(nodes[0] as unknown[]).push(nodes.length, nodes.length + 1)
    nodes.push(name, { data: nodes.length + 2, expires: -1 }, value)
  }
  return JSON.stringify(nodes)
}

/** A server of Node.js, asked over connections that stay open. */
async function served(answer: (path: string) => Promise<void>) {
  const server = createServer(async ({ url }, res) => {
    await answer(url!).catch(() => (res.statusCode = 500))
    res.end('ok')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const agent = new Agent({ keepAlive: true })
  const { port } = server.address() as AddressInfo
  const ask = (path: string) =>
    new Promise<void>((answered, failed) => {
      const request = get({ port, path, agent, host: '127.0.0.1' }, (res) => {
        if (res.statusCode !== 200) failed(new Error(`${path} failed`))
        res.resume().on('end', answered)
      })
      request.on('error', failed)
    })
  const close = async () => {
    agent.destroy()
    await new Promise((closed) => server.close(closed))
  }
  return { ask, close }
}

/** Of three requests one has read before another saves, and the third reads behind that; then the first one saves. */
async function overlapping<Item>(
  read: () => Promise<Item>,
  change: (item: Item, name: string) => Promise<void>,
) {
  const [hasRead, hasChanged] = [gate(), gate()]
  // A function that awaits something before it reads: no chain leads from there to the change.
  const reading = async () => {
    await delay(1)
    return read()
  }
  const { ask, close } = await served(async (path) => {
    const item = await reading()
    if (path === '/slow') {
      hasRead.open()
      await hasChanged.opened
    }
    if (path !== '/read') await change(item, path.slice(1))
  })
  const slow = ask('/slow')
  await hasRead.opened
  await ask('/quick')
  await ask('/read')
  hasChanged.open()
  await slow
  await close()
}

const OTHERS: Record<string, Case> = {
  'unstorage: of reads at once each is what was given': async ({ unstorage }, store) => {
    const [driver, elsewhere] = [unstorage.untornDriver({ store }), unstorage.untornDriver({ store })]
    const item = async (key: string) => JSON.parse((await driver.getItem(key))!)
    const change = async (key: string, name: string) =>
      driver.setItem(key, JSON.stringify({ ...(await item(key)), [name]: 1 }))
    // Neither is in the chain of the other.
    const aside = <T>(work: () => Promise<T>) => Promise.resolve().then(work)
    for (const [key, keys] of [
      ['first', ['first', 'none']],
      ['second', ['none', 'second']],
    ] as const) {
      await elsewhere.setItem(key, '{"n":0}')
      const [hasRead, hasChanged] = [gate(), gate()]
      const slow = aside(async () => {
        const texts = await Promise.all(keys.map((each) => driver.getItem(each)))
        hasRead.open()
        await hasChanged.opened
        const read = JSON.parse(texts[keys.indexOf(key as never)]!)
        await driver.setItem(key, JSON.stringify({ ...read, slow: 1 }))
      })
      await hasRead.opened
      await aside(() => change(key, 'quick'))
      await aside(() => item(key))
      hasChanged.open()
      await slow
      expect(JSON.parse((await elsewhere.getItem(key))!)).toEqual({ n: 0, quick: 1, slow: 1 })
    }
  },
  'unstorage: a request has what its functions have read, over a server of Node.js': async (
    { unstorage },
    store,
  ) => {
    const driver = unstorage.untornDriver({ store })
    await driver.setItem('k', '{"n":0}')
    await overlapping(
      async () => JSON.parse((await driver.getItem('k'))!) as object,
      (item, name) => driver.setItem('k', JSON.stringify({ ...item, [name]: 1 })),
    )
    expect(JSON.parse((await driver.getItem('k'))!)).toEqual({ n: 0, slow: 1, quick: 1 })
  },
  'unstorage: functions of one request that change different values keep both': async (
    { unstorage },
    store,
  ) => {
    const driver = unstorage.untornDriver({ store })
    await driver.setItem('k', '{"n":0}')
    const changing = async (name: string, wait: number) => {
      const item = JSON.parse((await driver.getItem('k'))!)
      await delay(wait)
      await driver.setItem('k', JSON.stringify({ ...item, [name]: 1 }))
    }
    const { ask, close } = await served(async () => {
      await Promise.all([changing('a', 10), changing('b', 30)])
    })
    await ask('/')
    await close()
    expect(JSON.parse((await driver.getItem('k'))!)).toEqual({ n: 0, a: 1, b: 1 })
  },
  'unstorage: a request that has not read an item sets all of it': async ({ unstorage }, store) => {
    const [driver, elsewhere] = [unstorage.untornDriver({ store }), unstorage.untornDriver({ store })]
    await driver.setItem('k', '{"currency":"EUR","cents":100}')
    await elsewhere.setItem('k', '{"currency":"JPY","cents":100}')
    const whole = () => driver.setItem('k', '{"currency":"EUR","cents":250}')
    const { ask, close } = await served(whole)
    await ask('/')
    await close()
    expect(JSON.parse((await elsewhere.getItem('k'))!)).toEqual({ currency: 'EUR', cents: 250 })
    await elsewhere.setItem('k', '{"currency":"JPY","cents":100}')
    await driver.within(whole)
    expect(JSON.parse((await elsewhere.getItem('k'))!)).toEqual({ currency: 'EUR', cents: 250 })
  },
  'unstorage: two that begin an item keep both, and a text is whole': async ({ unstorage }, store) => {
    const driver = unstorage.untornDriver({ store })
    const begin = (key: string, text: string, wait: number) =>
      driver.within(async () => {
        expect(await driver.getItem(key)).toBeNull()
        await delay(wait)
        await driver.setItem(key, text)
      })
    await Promise.all([begin('k', '{"a":1,"both":1}', 40), begin('k', '{"b":1,"both":2}', 60)])
    expect(JSON.parse((await driver.getItem('k'))!)).toEqual({ a: 1, b: 1, both: 2 })
    await Promise.all([begin('text', '{"a":1}', 40), begin('text', 'text', 60)])
    const elsewhere = unstorage.untornDriver({ store })
    expect(await elsewhere.getItem('text')).toBe('text')
    await driver.setItem('text', '{"b":1}')
    expect(await elsewhere.getItem('text')).toBe('{"b":1}')
    await Promise.all([begin('values', 'text', 40), begin('values', '{"a":1}', 60)])
    expect(await driver.getItem('values')).toBe('{"a":1}')
  },
  'unstorage: what goes on behind a read stores again after others have removed it': async (
    { unstorage },
    store,
  ) => {
    const [driver, elsewhere] = [unstorage.untornDriver({ store }), unstorage.untornDriver({ store })]
    const writes = async () => {
      await driver.getItem('k')
      await elsewhere.removeItem('k')
      await driver.setItem('k', '{"n":1}')
      await driver.setItem('k', '{"n":2}')
    }
    await driver.setItem('k', '{"n":0}')
    await writes()
    expect(await elsewhere.getItem('k')).toBe('{"n":2}')
    await driver.within(writes)
    expect(await elsewhere.getItem('k')).toBeNull()
    await elsewhere.setItem('k', '{"n":0}')
    // A request does not before it is answered; what it has begun does then.
    const [isAnswered, isWritten] = [gate(), gate()]
    const { ask, close } = await served(async () => {
      await writes()
      void isAnswered.opened.then(async () => {
        for (const n of [3, 4]) await driver.setItem('k', `{"n":${n}}`)
        isWritten.open()
      })
    })
    await ask('/')
    expect(await elsewhere.getItem('k')).toBeNull()
    isAnswered.open()
    await isWritten.opened
    await close()
    expect(await elsewhere.getItem('k')).toBe('{"n":4}')
  },
  'unstorage: two that change different values keep both': async ({ unstorage }, store) => {
    const { getItem, setItem } = unstorage.untornDriver({ store })
    await setItem('k', '{"a":0,"b":0}')
    const request = async (name: string, wait: number) => {
      const item = JSON.parse((await getItem('k'))!)
      await delay(wait)
      await setItem('k', JSON.stringify({ ...item, [name]: 1 }))
    }
    await Promise.all([request('a', 20), request('b', 30), request('c', 40)])
    expect(JSON.parse((await getItem('k'))!)).toEqual({ a: 1, b: 1, c: 1 })
  },
  'unstorage: functions of a request have what others of it have read': async ({ unstorage }, store) => {
    const { getItem, setItem, within } = unstorage.untornDriver({ store })
    await setItem('k', '{"a":0}')
    const read = async () => {
      await delay(1)
      return JSON.parse((await getItem('k'))!)
    }
    const request = (name: string, wait: number) =>
      within(async () => {
        const item = await read()
        await delay(wait)
        await setItem('k', JSON.stringify({ ...item, [name]: 1 }))
      })
    await Promise.all([request('b', 20), request('c', 40)])
    expect(JSON.parse((await getItem('k'))!)).toEqual({ a: 0, b: 1, c: 1 })
  },
  'unstorage: what was removed is not brought back by whoever had it': async ({ unstorage }, store) => {
    const [here, there] = [unstorage.untornDriver({ store }), unstorage.untornDriver({ store })]
    await here.setItem('k', '{"a":0}')
    await here.getItem('k')
    await there.removeItem('k')
    await here.setItem('k', '{"a":1}')
    expect(await here.getItem('k')).toBeNull()
    await here.setItem('k', '{"a":2}')
    expect(await here.getItem('k')).toBe('{"a":2}')
  },
  'unstorage: a request that reads much has the base of all of it': async ({ unstorage }, store) => {
    const driver = unstorage.untornDriver({ store })
    const others = Array.from({ length: 12 }, (_, n) => `other ${n}`)
    await driver.setItem('k', '{"a":0}')
    const [hasRead, hasChanged] = [gate(), gate()]
    const slow = driver.within(async () => {
      await driver.getItem('k')
      hasRead.open()
      for (const other of others) await driver.getItem(other)
      await hasChanged.opened
      await driver.setItem('k', '{"a":0,"b":1}')
    })
    await hasRead.opened
    await driver.within(async () => {
      await driver.getItem('k')
      await driver.setItem('k', '{"a":1}')
    })
    hasChanged.open()
    await slow
    expect(JSON.parse((await driver.getItem('k'))!)).toEqual({ a: 1, b: 1 })
  },
  'unstorage: what the last request of a connection had read is nothing to the next one': async (
    { unstorage },
    store,
  ) => {
    const [driver, elsewhere] = [unstorage.untornDriver({ store }), unstorage.untornDriver({ store })]
    await driver.setItem('k', 'first')
    const { ask, close } = await served(async (path) => {
      if (path === '/read') await driver.getItem('k')
      else await driver.setItem('k', 'anew')
    })
    await ask('/read')
    await elsewhere.removeItem('k')
    await ask('/write')
    await close()
    expect(await elsewhere.getItem('k')).toBe('anew')
  },
  'unstorage: an item that has come to its end while it was worked out is put anew': async (
    { unstorage },
    store,
  ) => {
    const driver = unstorage.untornDriver({ store })
    await driver.setItem('k', 'old', { ttl: 0.2 })
    await driver.getItem('k')
    await delay(300)
    await driver.setItem('k', 'new', { ttl: 60 })
    expect(await driver.getItem('k')).toBe('new')
  },
  'unstorage: how long an item has is told in the time of its store, and of one without end nothing': async (
    { unstorage },
    store,
  ) => {
    const ahead = new Proxy(store, {
      get: (_, name) => {
        const own = Reflect.get(store, name)
        if (name === 'now') return async () => Date.now() + HOUR * 1000
        if (name !== 'load') return typeof own === 'function' ? own.bind(store) : own
        return async (...args: unknown[]) => {
          const found = await own.apply(store, args)
          return found && { ...found, expiresAt: found.expiresAt + HOUR * 1000 }
        }
      },
    })
    const here = unstorage.untornDriver({ store })
    await here.setItem('k', 'text', { ttl: 100 })
    await here.setItem('without end', 'text')
    const { getMeta } = unstorage.untornDriver({ store: ahead })
    expect((await getMeta('k'))!.ttl).toBeGreaterThan(90)
    expect((await getMeta('k'))!.ttl).toBeLessThan(110)
    expect([await here.getMeta('without end'), await here.getMeta('none')]).toEqual([{}, null])
  },
  'unstorage: another application in the same store has other items': async ({ unstorage }, store) => {
    const [one, two] = ['one', 'two'].map((app) => unstorage.untornDriver({ store, app }))
    expect(() => unstorage.untornDriver({ store, app: 'one eu' })).toThrow(
      expect.objectContaining({ option: 'app' }),
    )
    await one!.setItem('a:b', '1')
    await two!.setItem('c', '1')
    expect([await one!.getKeys(), await two!.getKeys(), await two!.getItem('a:b')]).toEqual([
      ['a:b'],
      ['c'],
      null,
    ])
  },
  'Astro: two that have read the same keep both, in one process': async ({ astro }, store) => {
    const { getItem, setItem } = astro.sessionDriver({ store })
    const chain = async (work: () => Promise<unknown>) => {
      await delay(1)
      return work()
    }
    await setItem('id', DEVALUE({ a: 0 }))
    await Promise.all([chain(() => getItem('id')), chain(() => getItem('id'))])
    await Promise.all([
      chain(() => setItem('id', DEVALUE({ a: 0, b: 1 }))),
      chain(() => setItem('id', DEVALUE({ a: 0, c: 1 }))),
    ])
    expect(dataIn((await getItem('id')) as string)).toEqual({ a: 0, b: 1, c: 1 })
  },
  'Astro: requests that overlap are exact, over a server of Node.js': async ({ astro }, store) => {
    const { getItem, setItem } = astro.sessionDriver({ store })
    await setItem('id', DEVALUE({ n: 0 }))
    await overlapping(
      async () => dataIn((await getItem('id'))!) as Record<string, number>,
      (item, name) => setItem('id', DEVALUE({ ...item, [name]: 1 })),
    )
    expect(dataIn((await getItem('id'))!)).toEqual({ n: 0, slow: 1, quick: 1 })
  },
  'Astro: a sign-out under a slow request stays': async ({ astro }, store) => {
    const { getItem, setItem, removeItem } = astro.sessionDriver({ store })
    await setItem('id', DEVALUE({ a: 0 }))
    await getItem('id')
    await removeItem('id')
    await setItem('id', DEVALUE({ a: 1 }))
    expect(await getItem('id')).toBeNull()
  },
  'Astro: an id of the application that was destroyed begins anew, in a request': async (
    { astro },
    store,
  ) => {
    const { getItem, setItem, removeItem, within } = astro.sessionDriver({ store })
    await within(() => setItem('cart-42', DEVALUE({ a: 1 })))
    await within(async () => {
      await getItem('cart-42')
      await removeItem('cart-42')
    })
    await within(async () => {
      expect(await getItem('cart-42')).toBeNull()
      await setItem('cart-42', DEVALUE({ a: 2 }))
    })
    const found = await getItem('cart-42')
    expect(found).not.toBeNull()
    expect(dataIn(found!)).toEqual({ a: 2 })
  },
  'Astro: a text that is none of devalue comes back as it was': async ({ astro }, store) => {
    const { getItem, setItem } = astro.sessionDriver({ store })
    for (const text of [
      'text',
      '[]',
      '[["Map",1,9],"a"]',
      '[["Map",1,2],{},1]',
      '{"a":1}',
      '[["Map"]]',
      BOXED,
    ]) {
      await setItem('id', text)
      expect(await getItem('id')).toBe(text)
    }
  },
  'koa-session: two that change different values keep both, and one that was destroyed stays so': async (
    { koaSession },
    store,
  ) => {
    const kept = koaSession.untornStore(store)
    const [one, other] = [{ ctx: {} }, { ctx: {} }]
    await kept.set('id', { a: 0, gone: 0 }, 60_000)
    await kept.get('id', 60_000, one)
    await kept.get('id', 60_000, other)
    await kept.set('id', { a: 1 }, 60_000, one)
    await kept.set('id', { a: 0, gone: 0, b: 1 }, 60_000, other)
    expect(await kept.get('id')).toEqual({ a: 1, b: 1 })
    await kept.destroy('id', one)
    await kept.set('id', { b: 2 }, 60_000, other)
    expect(await kept.get('id')).toBeUndefined()
    const refused = { code: 'UNTORN_INVALID_ARGUMENT' }
    await expect(kept.set('id', {}, -1)).rejects.toMatchObject(refused)
    await expect(kept.set('id', null as never)).rejects.toMatchObject(refused)
  },
  'nextjs-auth0: update never creates, and keeps what others have changed': async (
    { nextjsAuth0 },
    store,
  ) => {
    const kept = nextjsAuth0.sessionStore(store)
    const made = { user: { sub: 'ann' }, internal: { sid: 's', createdAt: Date.now() / 1000 } }
    expect(await kept.update('id', made)).toBe(false)
    expect(await kept.get('id')).toBeNull()
    await kept.set('id', made)
    await Promise.all([kept.get('id'), kept.get('id')])
    expect(await kept.update('id', { ...made, a: 1 })).toBe(true)
    expect(await nextjsAuth0.sessionStore(store).get('id')).toMatchObject({ a: 1 })
    await kept.deleteByLogoutToken({ sub: 'eve' })
    expect(await kept.get('id')).not.toBeNull()
    await kept.deleteByLogoutToken({ sub: 'ann' })
    expect(await kept.update('id', { ...made, a: 2 })).toBe(false)
  },
  'nextjs-auth0: what others have changed stays, although the client reads anew before it writes': async (
    { nextjsAuth0 },
    store,
  ) => {
    const [here, there] = [nextjsAuth0.sessionStore(store), nextjsAuth0.sessionStore(store)]
    const internal = { sid: 's', createdAt: Date.now() / 1000 }
    await here.set('id', { user: { sub: 'ann' }, tokens: { n: 0 }, theme: 'dark', old: 1, internal })
    const given = (await here.get('id'))!
    const { old: _, ...others } = (await there.get('id'))!
    await there.update('id', { ...others, tokens: { n: 1 }, theme: 'light', cart: ['tea'] })
    const anew = (await here.get('id'))!
    await here.update('id', { ...given, note: 1, internal: { ...anew.internal } })
    const user = { sub: 'ann' }
    const expected = { user, tokens: { n: 1 }, theme: 'light', cart: ['tea'], note: 1, internal }
    expect(await there.get('id')).toEqual(expected)
    await here.update('id', { ...given, note: 2, tokens: anew.tokens, internal: { ...anew.internal } })
    expect(await there.get('id')).toEqual({ ...expected, note: 2 })
  },
  'nextjs-auth0: a session that is of another user by now ends with that one': async (
    { nextjsAuth0 },
    store,
  ) => {
    const kept = nextjsAuth0.sessionStore(store)
    const of = (sub: string) => ({ user: { sub }, internal: { sid: 's', createdAt: Date.now() / 1000 } })
    await kept.set('id', of('ann'))
    await kept.get('id')
    await kept.set('id', of('bob'))
    await kept.deleteByLogoutToken({ sub: 'bob' })
    expect(await kept.get('id')).toBeNull()
  },
  'AdonisJS: two requests keep the values of both, and one that was destroyed stays so': async (
    { adonisjs },
    store,
  ) => {
    const factory = adonisjs.untornStore(store)
    const [first, one, other] = Array.from({ length: 3 }, () => factory(undefined, { age: '2 hours' }))
    await first!.tag('id', 'ann')
    await first!.write('id', { a: 0 })
    await one!.read('id')
    await other!.read('id')
    await one!.write('id', { a: 1 })
    await other!.write('id', { a: 0, b: 1 })
    const [tagged] = await first!.tagged('ann')
    expect(tagged?.data).toEqual({ a: 1, b: 1 })
    await one!.destroy(tagged!.id)
    await other!.write('id', { b: 2 })
    expect(await first!.read('id')).toBeNull()
  },
  'AdonisJS: who has read that there is none ends nothing, and adds to what others begin': async (
    { adonisjs },
    store,
  ) => {
    const factory = adonisjs.untornStore(store)
    const [idle, one, other, last] = Array.from({ length: 4 }, () => factory(undefined, { age: '2 hours' }))
    for (const request of [idle, one, other]) expect(await request!.read('id')).toBeNull()
    await one!.write('id', { a: 1 })
    await other!.write('id', { b: 1 })
    await idle!.destroy('id')
    expect(await last!.read('id')).toEqual({ a: 1, b: 1 })
    await last!.destroy('id')
    expect(await factory(undefined, { age: '2 hours' }).read('id')).toBeNull()
  },
  'AdonisJS: a collection ends what has begun since it found none, and opens what is tagged by its key':
    async ({ adonisjs }, store) => {
      const factory = adonisjs.untornStore(store)
      const [request, collection] = [factory({}, { age: 60 }), factory(null, { age: 60 })]
      expect(await collection.read('id')).toBeNull()
      await request.tag('id', 'ann')
      await request.write('id', { a: 1 })
      const [tagged] = await collection.tagged('ann')
      expect(await collection.read(tagged!.id)).toEqual({ a: 1 })
      expect(await factory({}, { age: 60 }).read(tagged!.id)).toBeNull()
      expect(
        await adonisjs.untornStore(store, { app: 'other' })(null, { age: 60 }).read(tagged!.id),
      ).toBeNull()
      await collection.destroy('id')
      expect(await collection.read('id')).toBeNull()
    },
  'AdonisJS: who has read it after all may end it': async ({ adonisjs }, store) => {
    const factory = adonisjs.untornStore(store)
    const [one, other] = [factory({}, { age: 60 }), factory({}, { age: 60 })]
    expect(await one.read('id')).toBeNull()
    await other.write('id', { a: 1 })
    expect(await one.read('id')).toEqual({ a: 1 })
    await one.destroy('id')
    expect(await other.read('id')).toBeNull()
  },
  'AdonisJS: what can not be read of one session hides no other of its user': async ({ adonisjs }, store) => {
    const kept = adonisjs.untornStore(store)(undefined, { age: '2 hours' })
    for (const id of ['one', 'other']) {
      await kept.tag(id, 'ann')
      await kept.write(id, { id, cart: 1 })
    }
    await store.save(sessionKey('one', 'adonisjs'), { set: new Map([['cart', '{']]) })
    const all = kept.tagged('ann').then((tagged) => tagged.map(({ data }) => JSON.stringify(data)).sort())
    await expect(all).resolves.toEqual(['{"id":"one"}', expect.stringContaining('"cart":1')])
  },
  'Remix: two requests keep the values of both, and one that was destroyed stays so': async (
    { remix },
    store,
  ) => {
    const create = (id = 'id', data: [object, object] = [{}, {}]) => ({
      id,
      deleteId: undefined,
      destroyed: false,
      dirty: true,
      data: data as [Record<string, unknown>, Record<string, unknown>],
    })
    const storage = remix.sessionStorage(create, store)
    await storage.save(create('id', [{ a: 0 }, { note: 'once' }]))
    const [one, other, third] = [await storage.read('id'), await storage.read('id'), await storage.read('id')]
    one.data = [{ a: 1 }, {}]
    other.data = [{ a: 0, b: 1 }, { note: 'once' }]
    await storage.save(one)
    await storage.save(other)
    expect((await storage.read('id')).data).toEqual([{ a: 1, b: 1 }, {}])
    expect(await storage.save(Object.assign(one, { destroyed: true }))).toBe('')
    third.data = [{ late: 1 }, {}]
    expect(await storage.save(third)).toBeNull()
    expect((await storage.read('id')).data).toEqual([{}, {}])
  },
}

/** What the sockets do, each of which some planted fault undoes. */
export const CASES: Readonly<Record<string, Case>> = { ...BETTER_AUTH, ...OTHERS }
