import { writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import * as adonisjs from '../../src/adonisjs.ts'
import * as astro from '../../src/astro.ts'
import * as betterAuth from '../../src/better-auth.ts'
import { keyOfNoSession } from '../../src/contract/key.ts'
import * as expressSession from '../../src/express-session.ts'
import { fileStore } from '../../src/file.ts'
import { type SessionEvent, type SessionStore, sessionKey } from '../../src/index.ts'
import * as koaSession from '../../src/koa-session.ts'
import { memoryStore } from '../../src/memory.ts'
import * as nextjsAuth0 from '../../src/nextjs-auth0.ts'
import * as remix from '../../src/remix.ts'
import * as unstorage from '../../src/unstorage.ts'
import { temporaryDirectory } from '../support/directory.ts'

type Data = Record<string, unknown>

interface Socket {
  set(data: Data): Promise<unknown>
  get(): Promise<unknown>
}

const WHO = () => ({ user: { sub: 'ann' }, internal: { sid: 's', createdAt: Date.now() / 1000 } })

/** Each session layer, as its host reads and writes one session. Those of the second list write a text that the host has made. */
const OBJECTS: Record<string, (store: SessionStore) => Socket> = {
  'koa-session'(store) {
    const kept = koaSession.untornStore(store)
    return { set: (data) => kept.set('id', data, 60_000), get: () => kept.get('id') }
  },
  AdonisJS(store) {
    const kept = () => adonisjs.untornStore(store)(undefined, { age: '2 hours' })
    return { set: (data) => kept().write('id', data), get: () => kept().read('id') }
  },
  'nextjs-auth0'(store) {
    const kept = nextjsAuth0.sessionStore(store)
    return { set: (data) => kept.set('id', { ...WHO(), ...data }), get: () => kept.get('id') }
  },
  Remix(store) {
    const create = (id = 'id', data: [Data, Data] = [{}, {}]) => ({
      ...{ id, deleteId: undefined, destroyed: false, dirty: true },
      data,
    })
    const kept = remix.sessionStorage(create, store)
    return {
      set: (data) => kept.save(create('id', [data, {}])),
      get: async () => (await kept.read('id')).data[0],
    }
  },
}

const TEXTS: Record<
  string,
  (store: SessionStore) => { set(text: string): Promise<void>; get(): Promise<unknown> }
> = {
  unstorage(store) {
    const { setItem, getItem } = unstorage.untornDriver({ store })
    return { set: (text) => setItem('id', text), get: () => getItem('id') }
  },
  Astro(store) {
    const { setItem, getItem } = astro.sessionDriver({ store })
    return { set: (text) => setItem('id', text), get: () => getItem('id') }
  },
  'better-auth'(store) {
    const { set, get } = betterAuth.secondaryStorage(store)
    return { set: (text) => set('id', text, 3600), get: () => get('id') }
  },
}

const SECRET = 'SECRET-OF-THEIRS'

/** Somebody has written something else into every record. */
async function damage(store: SessionStore): Promise<void> {
  for await (const [key, { values }] of store.records({ all: true })) {
    await store.save(key, { set: new Map([...values.keys()].map((name) => [name, SECRET])) })
  }
}

async function refusal(work: () => Promise<unknown>): Promise<unknown> {
  const error = await work().then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(error).toMatchObject({ code: 'UNTORN_NOT_SERIALISABLE' })
  expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('SECRET')
  return error
}

/** `{ a: { a: ... } }`, without recursion. */
function nested(levels: number): Data {
  let value: Data = {}
  for (let at = 0; at < levels; at++) value = { a: value }
  return value
}

describe.each(Object.entries(OBJECTS))('%s', (_name, socket) => {
  test('a session that somebody has damaged is an error, which quotes nothing of it', async () => {
    const store = memoryStore()
    await socket(store).set({ a: 1 })
    await damage(store)
    await refusal(() => socket(store).get())
  })

  test('values of 1,500 levels come back', async () => {
    const store = memoryStore()
    await socket(store).set({ deep: nested(1500) })
    expect(JSON.stringify(((await socket(store).get()) as Data).deep)).toBe(JSON.stringify(nested(1500)))
  })

  test('what is deeper than a stack goes is refused, and what was stored stays', async () => {
    const store = memoryStore()
    const before = await socket(store)
      .set({ a: 1 })
      .then(() => socket(store).get())
    await refusal(() => socket(store).set({ a: 2, deep: nested(200_000) }))
    expect(await socket(store).get()).toEqual(before)
  })
})

describe.each(Object.entries(TEXTS))('%s', (_name, socket) => {
  test.each(['a text', '{"session":{"token":"id"},"user":1}', '[["Map",1,2],"a",5]'])(
    'what somebody has made of %s is an error or comes back, and no error quotes it',
    async (text) => {
      const store = memoryStore()
      await socket(store).set(text)
      await damage(store)
      const found = await socket(store)
        .get()
        .catch((error: unknown) => error)
      if (typeof found !== 'string') await refusal(() => Promise.reject(found))
    },
  )

  test.each([1500, 200_000])('a text of %d levels comes back', async (levels) => {
    const store = memoryStore()
    const json = '{"a":'.repeat(levels) + 1 + '}'.repeat(levels)
    await socket(store).set(json)
    expect(await socket(store).get()).toBe(json)
  })
})

test('Auth0: a session that can not be read leaves none of the others signed in', async () => {
  const store = memoryStore()
  const kept = nextjsAuth0.sessionStore(store)
  await kept.set('one', WHO())
  await damage(store)
  await kept.set('other', WHO())
  await refusal(() => kept.deleteByLogoutToken({ sub: 'ann' }))
  expect(await kept.get('other')).toBeNull()
})

test('Auth0: a session of which something else can not be read is ended all the same', async () => {
  const store = memoryStore()
  const kept = nextjsAuth0.sessionStore(store)
  await kept.set('one', WHO())
  await store.save(sessionKey('one', 'nextjs-auth0'), { set: new Map([['user', SECRET]]) })
  await kept.deleteByLogoutToken({ sub: 'ann', sid: 's' })
  expect(await kept.get('one')).toBeNull()
})

/** What an option `onEvent` is told of what can't be read. */
function told(): { onEvent: (event: SessionEvent) => void; errors: unknown[] } {
  const errors: unknown[] = []
  const onEvent = (event: SessionEvent): void => {
    if (event.type !== 'error') expect.fail(`it tells of ${event.type}`)
    errors.push(event.error)
  }
  return { onEvent, errors }
}

const UNREADABLE = expect.objectContaining({ code: 'UNTORN_NOT_SERIALISABLE' })

test('AdonisJS: a value that can not be read hides no session of its user, who can end that one, too', async () => {
  const store = memoryStore()
  const { onEvent, errors } = told()
  const kept = adonisjs.untornStore(store, { onEvent })(undefined, { age: '2 hours' })
  for (const id of ['one', 'other']) {
    await kept.tag(id, 'ann')
    await kept.write(id, { id, cart: ['tea'] })
  }
  // What is untorn's own is nobody's value.
  const damaged = ['cart', 'untorn:note'].map((name): [string, string] => [name, SECRET])
  await store.save(sessionKey('one', 'adonisjs'), { set: new Map(damaged) })
  const tagged = await kept.tagged('ann')
  expect(tagged.map(({ data }) => data)).toEqual(
    expect.arrayContaining([{ id: 'one' }, { id: 'other', cart: ['tea'] }]),
  )
  expect(errors).toEqual([UNREADABLE])
  expect(inspect(errors, { depth: Number.POSITIVE_INFINITY })).not.toContain('SECRET')
  for (const { id } of tagged) await kept.destroy(id)
  expect(await kept.tagged('ann')).toEqual([])
})

/** The journal of a session is made into something that is none. */
function ruinJournal({ directory }: { directory: string }, key: string): void {
  writeFileSync(`${directory}/${key.slice(0, 2)}/${key.slice(2)}`, 'rubbish\n\n')
}

test('a journal that is damaged hides no other session, whoever lists them', async () => {
  const directory = temporaryDirectory()
  const open = () => fileStore(directory, { onEvent: () => {}, sweepEvery: 0 })
  const before = open()
  const ADONIS = { age: '2 hours' }
  const adonis = adonisjs.untornStore(before)(undefined, ADONIS)
  const auth0 = nextjsAuth0.sessionStore(before)
  const driver = unstorage.untornDriver({ store: before })
  for (const id of ['one', 'other']) {
    await adonis.tag(id, 'ann')
    await adonis.write(id, { id })
    await auth0.set(id, WHO())
    await driver.setItem(id, 'text')
  }
  await before.close()
  for (const app of ['adonisjs', 'nextjs-auth0']) ruinJournal(before, sessionKey('one', app))
  ruinJournal(before, keyOfNoSession('unstorage one'))
  const store = open()
  const tagged = await adonisjs.untornStore(store)(undefined, ADONIS).tagged('ann')
  expect(tagged.map(({ data }) => data)).toEqual([{ id: 'other' }])
  expect(await unstorage.untornDriver({ store }).getKeys()).toEqual(['other'])
  const ids = new Promise((found) =>
    expressSession.untornStore(store).ids((error, ids) => found(error ?? ids)),
  )
  expect(await ids).toHaveLength(2)
  await nextjsAuth0.sessionStore(store).deleteByLogoutToken({ sub: 'ann' })
  expect(await nextjsAuth0.sessionStore(store).get('other')).toBeNull()
  await store.close()
})

test('express-session: a value that can not be read hides no session, and is told', async () => {
  const store = memoryStore()
  const { onEvent, errors } = told()
  const kept = expressSession.untornStore(store, {
    onEvent: (event) => event.type !== 'created' && onEvent(event),
  })
  const cookie = { originalMaxAge: null, expires: null }
  for (const sid of ['one', 'other']) {
    await new Promise((done) => kept.set(sid, { cookie, sid, cart: 1 } as never, done))
  }
  await store.save(sessionKey('one'), { set: new Map([['cart', SECRET]]) })
  const all = await new Promise<object>((done) => kept.all((error, all) => done((error ?? all) as object)))
  expect(Object.values(all)).toEqual(
    expect.arrayContaining([
      { cookie: expect.anything(), sid: 'one' },
      { cookie: expect.anything(), sid: 'other', cart: 1 },
    ]),
  )
  expect(errors).toHaveLength(1)
  const length = await new Promise((done) => kept.length((error, length) => done(error ?? length)))
  expect(length).toBe(2)
})

describe("better-auth: an entry of a user's list that can not be read", () => {
  const LIST = 'active-sessions-ann'
  const entry = (token: string) => ({ token, expiresAt: Date.now() + 3_600_000 })
  const nameOfList = keyOfNoSession(`better-auth ${LIST}`)

  async function listed(damaged: string) {
    const store = memoryStore()
    const { onEvent, errors } = told()
    const storage = () => betterAuth.secondaryStorage(store, { onEvent })
    await storage().set(LIST, JSON.stringify(['one', 'two', 'three'].map(entry)), 3600)
    await store.save(nameOfList, { set: new Map([[sessionKey('one'), damaged]]) })
    const tokens = async (of = storage()) =>
      (JSON.parse((await of.get(LIST)) ?? '[]') as { token: string }[]).map(({ token }) => token).sort()
    return { store, storage, errors, tokens }
  }

  test.each([SECRET, '5', 'null', '{"token":"one"}'])('hides none of the others: %s', async (damaged) => {
    const { errors, tokens } = await listed(damaged)
    expect(await tokens()).toEqual(['three', 'two'])
    expect(errors).toEqual([UNREADABLE])
  })

  test('stays where it is, whoever writes the list', async () => {
    const { store, storage, tokens } = await listed(SECRET)
    const one = storage()
    expect(await tokens(one)).toEqual(['three', 'two'])
    await one.set(LIST, JSON.stringify([entry('two'), entry('four')]), 3600)
    await one.set(LIST, JSON.stringify([entry('two'), entry('five')]), 3600)
    expect(await tokens()).toEqual(['five', 'two'])
    const unread = storage()
    for (const token of ['six', 'seven']) await unread.set(LIST, JSON.stringify([entry(token)]), 3600)
    expect(await tokens()).toContain('seven')
    expect((await store.load(nameOfList))?.values.get(sessionKey('one'))).toBe(SECRET)
  })
})

test('a value that can not be read is written over by whoever sets it', async () => {
  const store = memoryStore()
  const kept = nextjsAuth0.sessionStore(store)
  await kept.set('id', WHO())
  await damage(store)
  expect(await nextjsAuth0.sessionStore(store).update('id', WHO())).toBe(true)
  expect(await kept.get('id')).toMatchObject({ user: { sub: 'ann' } })
})

test('unstorage: an item whose name can not be read is none, and the others are listed', async () => {
  const store = memoryStore()
  const { setItem, getKeys } = unstorage.untornDriver({ store })
  await setItem('one', 'text')
  await damage(store)
  await setItem('other', 'text')
  await setItem('5', 'text')
  await store.save(keyOfNoSession('unstorage 5'), { set: new Map([['untorn:name', '5']]) })
  expect(await getKeys()).toEqual(['other'])
})

describe('Astro: a text of devalue', () => {
  const texts = async (store: SessionStore) => {
    const all: string[] = []
    for await (const [, { values }] of store.records({ all: true })) all.push(...values.values())
    return all
  }

  test.each([1500, 100_000])('of %d levels comes back, value by value', async (levels) => {
    const store = memoryStore()
    const nodes: unknown[] = [['Map', 1, 2, 3, 4], 'deep', 5, 'name', 'Ada'].slice(0, 5)
    nodes[0] = ['Map', 1, 3, 2, 4]
    nodes.splice(1, 4, 'deep', 'name', { a: 5 }, 'Ada')
    for (let at = 5; at < levels + 5; at++) nodes.push({ a: at + 1 })
    nodes.push(1)
    await TEXTS.Astro!(store).set(JSON.stringify(nodes))
    expect(await texts(store)).toHaveLength(2)
    const read = JSON.parse((await TEXTS.Astro!(store).get()) as string) as unknown[]
    expect(read).toHaveLength(nodes.length)
    expect([read[1], read[2], read.at(-2), read.at(-1)]).toEqual(['deep', { a: 3 }, 'name', 'Ada'])
  })

  test('whose values share something large is kept whole, and grows no larger than it is', async () => {
    const store = memoryStore()
    const root: unknown[] = ['Map']
    const nodes: unknown[] = [root, 'x'.repeat(100_000)]
    for (let at = 0; at < 1000; at++) {
      root.push(nodes.length, nodes.length + 1)
      nodes.push(`name ${at}`, { large: 1 })
    }
    const text = JSON.stringify(nodes)
    await TEXTS.Astro!(store).set(text)
    expect((await texts(store)).join('').length).toBeLessThan(2 * text.length)
    expect(await TEXTS.Astro!(store).get()).toBe(text)
  })
})
