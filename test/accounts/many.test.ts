import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import type { SessionChange } from '../../src/contract/record.ts'
import type { SessionStore } from '../../src/contract/store.ts'
import { fileStore } from '../../src/file.ts'
import { memoryStore } from '../../src/memory.ts'
import { newSignIn, signInText } from '../../src/owners/belonging.ts'
import { ownerKey } from '../../src/owners/keys.ts'
import { entered, OwnerRecord } from '../../src/owners/record.ts'
import { reservedKeys } from '../../src/values/data.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { newKey, newRecord } from '../support/records.ts'
import { onlyInShort } from '../support/whole.ts'
import { Shop } from './shop.ts'

const MANY = 1000
/** Two slices: no more calls are begun in one turn of the event loop. */
const AT_MOST = 64

/** A store that notes how many of its calls come in one turn of the event loop, and how many names they delete. */
function watched(store: SessionStore): { store: SessionStore; most(): number; names(): number } {
  let [inTurn, most, isCounting, namesInTurn, names] = [0, 0, false, 0, 0]
  const count = (): void => {
    most = Math.max(most, ++inTurn)
    if (isCounting) return
    isCounting = true
    void turn().then(() => {
      ;[inTurn, namesInTurn, isCounting] = [0, 0, false]
    })
  }
  const handler: ProxyHandler<SessionStore> = {
    get(target, name) {
      const value = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (name !== 'now') count()
        if (name === 'save') namesInTurn += (args[1] as SessionChange).delete?.length ?? 0
        names = Math.max(names, namesInTurn)
        return Reflect.apply(value, target, args)
      }
    },
  }
  return {
    store: new Proxy(store, handler),
    names: () => names,
    most() {
      const was = most
      most = 0
      return was
    },
  }
}

/** So many more sign-ins of Ada's, as `login()` would have stored them one by one. */
async function stored(store: SessionStore, count: number): Promise<void> {
  const key = ownerKey(undefined, 'ada')
  const owner = new OwnerRecord((await store.load(key))!)
  const set = new Map<string, string>()
  for (let n = 0; n < count; n++) {
    const [session, signIn] = [newKey(), newSignIn(undefined, undefined)]
    const { epoch } = owner.epoch
    const of = {
      signIn,
      epoch,
      rank: owner.nextRank + n,
      application: null,
      at: Date.now(),
      until: Date.now() + 7 * 24 * 3_600_000,
    }
    for (const [name, text] of entered(of, session)) set.set(name, text)
    const values = new Map([
      [reservedKeys.signIn, signInText({ signIn, authenticatedAt: of.at, application: null })],
    ])
    await store.create(session, newRecord({}, { owner: 'ada', values }))
  }
  expect(await store.save(key, { set })).toMatchObject({ outcome: 'saved' })
  await turn()
}

test('a sign-in takes each entry of its owner apart once, and not at each look', async () => {
  const store = memoryStore()
  const shop = new Shop(store)
  await shop.signedIn('ada')
  await stored(store, MANY - 1)
  const parsing = vi.spyOn(JSON, 'parse')
  try {
    await shop.signedIn('ada')
    await shop.sessions.close()
    expect(parsing.mock.calls.length).toBeGreaterThan(MANY)
    expect(parsing.mock.calls.length).toBeLessThan(1.1 * MANY)
  } finally {
    parsing.mockRestore()
  }
})

test('others have their turn before a sign-in takes the entries of its owner apart', async () => {
  const store = memoryStore()
  const shop = new Shop(store)
  await shop.signedIn('ada')
  await stored(store, MANY + 1)
  const session = await shop.sessions.open(undefined)
  const parsing = vi.spyOn(JSON, 'parse')
  try {
    const signingIn = session.login('ada')
    expect(parsing.mock.calls.length).toBeLessThan(100)
    await signingIn
    expect(parsing.mock.calls.length).toBeGreaterThan(MANY)
    expect(session.owner).toBe('ada')
  } finally {
    parsing.mockRestore()
  }
})

const places: Record<string, () => SessionStore> = {
  memory: () => memoryStore(),
  files: () => fileStore(temporaryDirectory(), { sweepEvery: 0 }),
}

describe.each(Object.entries(onlyInShort(places, 'memory')))(
  'an owner with a thousand sessions, in %s',
  (_, place) => {
    test('is listed, limited and signed out in slices: others have their turn meanwhile', async () => {
      const { store, most, names } = watched(place())
      const shop = new Shop(store)
      const ada = await shop.signedIn('ada')
      await stored(store, MANY - 1)
      expect(await ada.owner()).toBe('ada')
      most()
      expect(await shop.handles('ada')).toHaveLength(MANY)
      expect(most()).toBeLessThan(AT_MOST)

      const limited = new Shop(store, { maxPerOwner: MANY - 100 })
      const last = await limited.signedIn('ada')
      expect(most()).toBeLessThan(AT_MOST)
      expect(await limited.handles('ada')).toHaveLength(MANY - 100)
      most()

      expect(await last.visit((session) => session.revokeOthers())).toBe(true)
      expect(most()).toBeLessThan(AT_MOST)
      expect(await shop.handles('ada')).toHaveLength(1)

      await stored(store, 100)
      most()
      await shop.sessions.revokeAll('ada')
      expect(most()).toBeLessThan(AT_MOST)
      expect(await shop.stored()).toEqual([])
      await shop.sessions.close()
      // What is left of so many is forgotten by more than one save, each in a turn: a server has a deadline for each.
      expect(names()).toBe(1000)
    })
  },
)
