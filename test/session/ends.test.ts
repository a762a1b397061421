import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fileStore } from '../../src/file.ts'
import {
  createSessions,
  type Device,
  isNoSession,
  type OnEnd,
  type Session,
  type SessionEnd,
  type SessionKey,
  type SessionStore,
  sessionKey,
} from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { Ends, Subscription } from '../../src/session/ends.ts'
import { STATE } from '../../src/session/view-symbols.ts'
import { cookieHeader, type Site, signedIn, site } from '../sessions/visit.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { bothKinds, PlainStore } from '../support/plain-store.ts'
import { warnings } from '../support/warnings.ts'

// Timers and dates are the test's to move; what a slow store waits for is real.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
afterEach(() => void vi.useRealTimers())

const LOOK = 5000
const MINUTE = 60_000

const turns = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await setImmediate()
}

let underWay = 0

/** A slow store of which it is known whether somebody waits for it. */
class WatchedStore extends PlainStore {
  constructor() {
    super({ slow: true })
  }

  override async load(key: SessionKey) {
    underWay++
    try {
      return await super.load(key)
    } finally {
      underWay--
    }
  }
}

/** Until a slow store has answered whoever asks, and whoever asks because of that. */
async function answered(): Promise<void> {
  do await turns()
  while (underWay > 0)
}

/** Time goes by, and looks that fall due are made, each one to its end. */
async function pass(ms: number, looked = turns): Promise<void> {
  for (let left = ms; left > 0; left -= LOOK) {
    await vi.advanceTimersByTimeAsync(Math.min(left, LOOK))
    await looked()
  }
}

/** What listeners of a session were told. */
function listening(session: Pick<Session, 'onEnd'>) {
  const told: (string | undefined)[] = []
  const stop = session.onEnd(({ why }) => void told.push(why))
  return { told, stop }
}

/** How many sessions an application listens to. */
const listenedTo = (session: Session): number => session[STATE].policy.ends.size

const failure = Object.assign(new Error('no answer'), { code: 'UNTORN_STORE_UNAVAILABLE' })

describe.each(bothKinds)('the end of a session, on $kind', ({ slow }) => {
  const passes = (ms: number) => pass(ms, slow ? answered : turns)

  /** A visitor who is signed in, and a process beside this one, on the same store. */
  async function visited(options: Parameters<typeof site>[0] = {}) {
    const shop = site(slow ? { store: new WatchedStore(), ...options } : options)
    const elsewhere = createSessions({ store: shop.store })
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    shop.store.calls.length = 0
    shop.events.length = 0
    return { shop, store: shop.store, elsewhere, cookie, session, key: sessionKey(session.id) }
  }

  const errorsOf = ({ events }: Site) => events.filter(({ type }) => type === 'error')

  test('by another request of this process is told at once, and once', async () => {
    const { shop, cookie, session } = await visited()
    const { told } = listening(session)
    const second = listening(await shop.sessions.open(cookie))
    await (await shop.sessions.open(cookie)).destroy()
    await turns()
    expect([told, second.told]).toEqual([['signed-out'], ['signed-out']])
    await session.destroy()
    await passes(3 * LOOK)
    expect(told).toEqual(['signed-out'])
    expect(listenedTo(session)).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that came after it was loaded, and before anybody listened, is told at once, and why', async () => {
    const { shop, cookie, session } = await visited()
    const [second, third] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    await (await shop.sessions.open(cookie)).destroy()
    const { told } = listening(session)
    expect(told).toEqual([])
    // One that finds it gone itself tells the same.
    await expect((async () => second.reload())()).rejects.toMatchObject({ code: 'UNTORN_SESSION_GONE' })
    const found = listening(second)
    const stopped = listening(third)
    stopped.stop()
    await turns()
    expect([told, found.told, stopped.told]).toEqual([['signed-out'], ['signed-out'], []])
    expect(listenedTo(session)).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('by this very request is told as well, but not from within its call', async () => {
    const { session } = await visited()
    let within = true
    let wasWithin: boolean | undefined
    session.onEnd(() => {
      wasWithin = within
    })
    const destroyed = session.destroy()
    within = false
    await destroyed
    await turns()
    expect(wasWithin).toBe(false)
  })

  test('a new id is an end of the old one', async () => {
    const { shop, cookie, session } = await visited()
    const { told } = listening(session)
    const other = await shop.sessions.open(cookie)
    await other.rotate()
    await other.save()
    await turns()
    expect(told).toEqual(['rotated'])
    const moved = listening(other)
    await other.destroy()
    await turns()
    expect(moved.told).toEqual(['signed-out'])
  })

  test('by somebody who has its key alone is a revocation; who opened it so is told as well', async () => {
    const { shop, session, key } = await visited()
    const { told } = listening(session)
    const keyed = (await shop.sessions.openKey(key))!
    const ofKey = listening(keyed)
    await keyed.destroy()
    await turns()
    expect([told, ofKey.told]).toEqual([['revoked'], ['revoked']])
  })

  test('a sign-in is one of the session before, and who subscribed before it hears of its end', async () => {
    const { shop, session } = await visited()
    const { told } = listening(session)
    await session.login('ada')
    await turns()
    expect(told).toEqual(['rotated'])
    const fresh = await shop.sessions.open(undefined)
    const early = listening(fresh)
    await fresh.login('ada')
    expect(early.told).toEqual([])
    await fresh.logout()
    await turns()
    expect(early.told).toEqual(['signed-out'])
    expect(told).toEqual(['rotated'])
  })

  test('a sign-out with the id of before reaches who listens under the next one', async () => {
    const { shop } = await visited()
    const session = await shop.sessions.open(undefined)
    await session.login('ada')
    const before = await shop.sessions.open(cookieHeader(await session.commit()))
    await session.rotate()
    const { told } = listening(session)
    await before.logout()
    await turns()
    expect(told).toEqual(['signed-out'])
  })

  test('revocations are told at once, each of its own kind', async () => {
    const { shop } = await visited()
    const signIn = async (owner: string) => {
      const session = await shop.sessions.open(undefined)
      await session.login(owner)
      return { session, ...listening(session) }
    }
    const [first, second, eve] = [await signIn('ada'), await signIn('ada'), await signIn('eve')]
    await second.session.revokeOthers()
    await turns()
    expect([first.told, second.told, eve.told]).toEqual([['revoked'], [], []])
    await shop.sessions.revokeAll('ada')
    await turns()
    expect([second.told, eve.told]).toEqual([['revoked'], []])
    await shop.sessions.revokeEverything()
    await turns()
    expect(eve.told).toEqual(['revoked'])
  })

  test('ids that a client showed before and that end with its sign-in', async () => {
    const { shop, cookie } = await visited()
    const another = await signedIn(shop)
    const sockets = [cookie, another].map(async (one) => listening(await shop.sessions.open(one)))
    const [one, two] = await Promise.all(sockets)
    const both = await shop.sessions.open(`${cookie}; ${another}`)
    await both.rotate()
    both.set('user', 'eve')
    await both.commit()
    await turns()
    expect([one!.told, two!.told]).toEqual([['rotated'], ['rotated']])
  })

  test('is asked of the store only while somebody listens, and that is no use of it', async () => {
    const { store, session } = await visited({ idleTimeout: '1m' })
    await passes(4 * LOOK)
    expect(store.calls).toEqual([])
    const { told } = listening(session)
    await passes(4 * LOOK)
    expect(store.calls.map(({ method }) => method)).toEqual(['load', 'load', 'load', 'load'])
    expect(told).toEqual([])
    await passes(MINUTE)
    expect(told).toEqual(['expired'])
    expect(new Set(store.calls.map(({ method }) => method))).toEqual(new Set(['load']))
  })

  test('elsewhere is told at the next look: nobody can tell why, but of a new id', async () => {
    const { store, elsewhere, cookie, session } = await visited()
    const { told, stop } = listening(session)
    const moved = await elsewhere.open(cookie)
    await moved.rotate()
    await moved.commit()
    expect(told).toEqual([])
    await passes(LOOK)
    expect(told).toEqual(['rotated'])
    const next = listening(moved)
    await (await elsewhere.open(`sid=${moved.id}`, { secure: false })).destroy()
    await passes(LOOK)
    expect(next.told).toEqual(['signed-out'])
    expect(store.all()).toEqual([])
    stop()
  })

  test('elsewhere, where nothing is left that would say why', async () => {
    const { elsewhere, cookie, session } = await visited()
    const { told } = listening(session)
    await (await elsewhere.open(cookie)).destroy()
    await passes(LOOK)
    expect(told).toEqual([undefined])
  })

  describe('elsewhere, of a session that somebody has signed in to', () => {
    /** Ada, signed in on two devices, and what listens here to the first; both as another process has them. */
    async function adas() {
      const { shop, elsewhere, store, cookie } = await visited()
      const first = await shop.sessions.open(cookie)
      const second = await shop.sessions.open(undefined)
      await first.login('ada')
      await second.login('ada')
      const { told } = listening(first)
      const there = await elsewhere.open(cookieHeader(await first.commit()))
      const other = await elsewhere.open(cookieHeader(await second.commit()))
      return { told, store, elsewhere, there, other, shop, cookie }
    }
    type Adas = Awaited<ReturnType<typeof adas>>

    const revocations: Record<string, (of: Adas) => unknown> = {
      'by the handle of its device': async ({ elsewhere }) => {
        const [, { handle }] = (await elsewhere.list('ada')) as [Device, Device]
        await elsewhere.revoke('ada', handle)
      },
      'as one of the others': ({ other }) => other.revokeOthers(),
      'with all of its owner': ({ elsewhere }) => elsewhere.revokeAll('ada'),
      'with all of the application': ({ elsewhere }) => elsewhere.revokeEverything(),
    }
    test.each(Object.entries(revocations))('a revocation, %s', async (_how, revoke) => {
      const of = await adas()
      await revoke(of)
      await passes(LOOK)
      expect(of.told).toEqual(['revoked'])
    })

    test('a revocation of which it is not noted whom it has ended', async () => {
      const { told, store, elsewhere, there } = await adas()
      const deleting = vi.spyOn(store, 'delete').mockImplementation(() => Promise.reject(failure) as never)
      await expect(async () => elsewhere.revokeAll('ada')).rejects.toThrow(failure)
      deleting.mockRestore()
      await store.delete(there[STATE].key)
      await passes(LOOK)
      expect(told).toEqual(['revoked'])
    })

    test('a sign-out, though all are revoked after it', async () => {
      const { told, elsewhere, there } = await adas()
      await there.logout()
      await elsewhere.revokeAll('ada')
      await elsewhere.revokeEverything()
      await passes(LOOK)
      expect(told).toEqual(['signed-out'])
    })

    test('a sign-in in its place, also where that was signed out', async () => {
      const { told, there } = await adas()
      await there.login('ada')
      await there.logout()
      await passes(LOOK)
      expect(told).toEqual(['rotated'])
    })

    test('what its family ended by before it began says nothing of it', async () => {
      const { told, there, store, elsewhere, shop, cookie } = await adas()
      await there.logout()
      await passes(MINUTE)
      expect(told).toEqual(['signed-out'])
      // From the same id as the first time, once more lost by the store, and once more revoked with nothing noted of it.
      const lost = await shop.sessions.open(cookie)
      await lost.login('ada')
      const ofLost = listening(lost)
      await store.delete(lost[STATE].key)
      await passes(LOOK)
      expect(ofLost.told).toEqual([undefined])
      const revoked = await shop.sessions.open(cookie)
      await revoked.login('ada')
      const ofRevoked = listening(revoked)
      const deleting = vi.spyOn(store, 'delete').mockImplementation(() => Promise.reject(failure) as never)
      await expect(async () => elsewhere.revokeAll('ada')).rejects.toThrow(failure)
      deleting.mockRestore()
      await store.delete(revoked[STATE].key)
      await passes(LOOK)
      expect(ofRevoked.told).toEqual(['revoked'])
    })

    test('is told without a reason while its owner can not be looked at', async () => {
      const { told, there, store } = await adas()
      await there.logout()
      const load = store.load.bind(store)
      const loading = vi
        .spyOn(store, 'load')
        .mockImplementation(((key: SessionKey) =>
          isNoSession(key) ? Promise.reject(failure) : load(key)) as never)
      await passes(LOOK)
      expect(told).toEqual([undefined])
      loading.mockRestore()
    })
  })

  test('whose old record is still there is a new id, too', async () => {
    const { store, elsewhere, cookie, session, key } = await visited()
    const { told } = listening(session)
    store.failing.set('delete', failure)
    const moved = await elsewhere.open(cookie)
    await moved.rotate()
    await moved.commit()
    store.failing.clear()
    expect(await store.load(key)).toBeDefined()
    await passes(LOOK)
    expect(told).toEqual(['rotated'])
  })

  test('is no expiry where it was extended, however long ago it was loaded', async () => {
    const { elsewhere, cookie, session } = await visited({ idleTimeout: '1m' })
    const { told } = listening(session)
    for (let i = 0; i < 10; i++) {
      await passes(15_000)
      const other = await elsewhere.open(cookie)
      other.set('views', i)
      other.setExpiry('1m')
      await other.commit()
    }
    expect(told).toEqual([])
    await (await elsewhere.open(cookie)).destroy()
    await passes(LOOK)
    expect(told).toEqual([undefined])
  })

  test('by options that have become stricter is an expiry', async () => {
    const { store, cookie } = await visited()
    const strict = createSessions({ store, lifetime: '1m', idleTimeout: '1m' })
    const { told } = listening(await strict.open(cookie))
    await passes(MINUTE + LOOK)
    expect(told).toEqual(['expired'])
    expect(store.all()).toHaveLength(1)
  })

  test('that a request meets is told without waiting for the look', async () => {
    const { shop, elsewhere, cookie, session } = await visited()
    const { told } = listening(session)
    await (await elsewhere.open(cookie)).destroy()
    session.set('cart', ['tea'])
    await expect(async () => session.save()).rejects.toThrow(
      expect.objectContaining({ code: 'UNTORN_SESSION_GONE' }),
    )
    await answered()
    expect(told).toEqual([undefined])
    expect(errorsOf(shop)).toEqual([])
    // Who subscribes only now is told right behind the call.
    const late = listening(session)
    expect(late.told).toEqual([])
    await turns()
    expect(late.told).toEqual([undefined])
  })

  test('a store that fails is no end: it is told once, and asked again', async () => {
    const { shop, store, elsewhere, cookie, session } = await visited()
    const { told } = listening(session)
    for (const outage of [1, 2]) {
      store.failing.set('load', failure)
      await passes(3 * LOOK)
      expect(told).toEqual([])
      expect(errorsOf(shop)).toEqual(Array(outage).fill({ type: 'error', error: failure }))
      store.failing.clear()
      await passes(2 * LOOK)
    }
    await (await elsewhere.open(cookie)).destroy()
    await passes(LOOK)
    expect(told).toEqual([undefined])
    expect(errorsOf(shop)).toHaveLength(2)
  })

  test('one session that can not be read hides no end of others', async () => {
    const { shop, store, elsewhere, cookie, session } = await visited()
    const broken = await shop.sessions.open(await signedIn(shop))
    const both = [listening(broken), listening(session)]
    const key = sessionKey(broken.id)
    store.between = (call) => {
      if (call.key === key) throw failure
    }
    await (await elsewhere.open(cookie)).destroy()
    await passes(2 * LOOK)
    expect(both.map(({ told }) => told)).toEqual([[], [undefined]])
    expect(errorsOf(shop)).toHaveLength(1)
  })

  test('without the note of a new id it is told all the same', async () => {
    const { store, elsewhere, cookie, session, key } = await visited()
    const { told } = listening(session)
    await (await elsewhere.open(cookie)).destroy()
    store.between = (call) => {
      if (call.method === 'load' && call.key !== key) throw failure
    }
    await passes(LOOK)
    expect(told).toEqual([undefined])
  })

  test('is not told to who does not want to know any more, and the last one takes the timer away', async () => {
    const { shop, cookie, session } = await visited()
    const one = listening(session)
    const two = listening(session)
    one.stop()
    one.stop()
    expect(vi.getTimerCount()).toBe(1)
    two.stop()
    expect(vi.getTimerCount()).toBe(0)
    expect(listenedTo(session)).toBe(0)
    const three = listening(session)
    const four = listening(session)
    const ofFive: unknown[] = []
    const stopped: { stop(): void }[] = []
    session.onEnd(() => {
      for (const { stop } of stopped) stop()
    })
    stopped.push({ stop: session.onEnd((end) => void ofFive.push(end)) }, three)
    await (await shop.sessions.open(cookie)).destroy()
    await turns()
    expect([one.told, two.told, three.told, four.told, ofFive]).toEqual([
      [],
      [],
      ['signed-out'],
      ['signed-out'],
      [],
    ])
  })

  test('one function that is given twice is called twice', async () => {
    const { session } = await visited()
    const listener = vi.fn<OnEnd>()
    session.onEnd(listener)
    session.onEnd(listener)
    await session.destroy()
    await turns()
    expect(listener.mock.calls).toEqual([[{ why: 'signed-out' }], [{ why: 'signed-out' }]])
  })

  test('is told to nobody once the sessions are closed, nor by their store', async () => {
    const { shop, cookie, session } = await visited()
    const { told } = listening(session)
    await shop.sessions.close()
    expect(vi.getTimerCount()).toBe(0)
    const late = listening(session)
    await (await shop.sessions.open(cookie)).destroy()
    await passes(2 * LOOK)
    expect([told, late.told]).toEqual([[], []])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('of a session that is not stored yet is that of the one which this request stores', async () => {
    const { shop, elsewhere } = await visited()
    const session = await shop.sessions.open(undefined)
    const { told } = listening(session)
    const early = listening(session)
    early.stop()
    await passes(2 * LOOK)
    expect(listenedTo(session)).toBe(0)
    // As the request does that signs in.
    session.set('user', 'ada')
    await session.rotate()
    const cookie = cookieHeader(await session.commit())
    await passes(2 * LOOK)
    expect(told).toEqual([])
    await (await elsewhere.open(cookie)).destroy()
    await passes(LOOK)
    expect([told, early.told]).toEqual([[undefined], []])
  })

  test('of a session that is never stored is none', async () => {
    const { shop } = await visited()
    const session = await shop.sessions.open(undefined)
    const { told } = listening(session)
    await session.commit()
    await session.destroy()
    await passes(2 * LOOK)
    expect(told).toEqual([])
    expect(listenedTo(session)).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe.each<[string, () => SessionStore]>([
  ['memory', () => memoryStore()],
  ['files', () => fileStore(temporaryDirectory(), { sweepEvery: 0 })],
])('in %s', (_, makeStore) => {
  async function visited() {
    const store = makeStore()
    const errors: unknown[] = []
    const sessions = createSessions({
      store,
      idleTimeout: '1m',
      onEvent: (event) => void (event.type === 'error' && errors.push(event.error)),
    })
    const session = await sessions.open(undefined)
    await session.begin()
    const cookie = cookieHeader(await session.commit())
    return { store, sessions, session, cookie, errors }
  }

  test('an expiry is told, whether it was swept or not', async () => {
    for (const swept of [true, false]) {
      const { store, sessions, session, errors } = await visited()
      const { told } = listening(session)
      await pass(MINUTE)
      expect(told).toEqual([])
      await vi.advanceTimersByTimeAsync(LOOK + 1000)
      if (swept) await store.clearExpired()
      await pass(2 * LOOK)
      expect(told).toEqual(['expired'])
      expect(errors).toEqual([])
      await sessions.close()
    }
  })

  test('who closes the store alone hears nothing, and no look goes on', async () => {
    const { store, session, errors } = await visited()
    const { told } = listening(session)
    await store.close()
    await pass(3 * LOOK)
    expect([told, errors]).toEqual([[], []])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('thousands of listeners', () => {
  test('have one timer; a look asks of each once, a few at a time, and lets others through', async () => {
    let most = 0
    let underWay = 0
    class Counting extends PlainStore {
      override async load(key: Parameters<PlainStore['load']>[0]) {
        most = Math.max(most, ++underWay)
        await setImmediate()
        underWay--
        return super.load(key)
      }
    }
    const store = new Counting()
    const sessions = createSessions({ store })
    const told: SessionEnd[] = []
    const stops: (() => void)[] = []
    let session!: Session
    for (let i = 0; i < 2000; i++) {
      session = await sessions.open(undefined)
      await session.begin()
      stops.push(session.onEnd((end) => void told.push(end)))
    }
    expect(listenedTo(session)).toBe(2000)
    expect(vi.getTimerCount()).toBe(1)
    store.calls.length = 0
    for (const [key] of store.all().slice(0, 500)) await store.delete(key)
    store.calls.length = 0
    await vi.advanceTimersByTimeAsync(LOOK)
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), { timeout: 60_000 })
    expect(told).toEqual(Array(500).fill({ why: undefined }))
    // Those that are gone are asked for their note besides.
    expect(store.counted('load')).toBe(2500)
    expect(most).toBeLessThanOrEqual(4)
    expect(listenedTo(session)).toBe(1500)
    for (const stop of stops) stop()
    expect(listenedTo(session)).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('of a store that answers at once hold the process for no longer than a slice', async () => {
    const shop = site()
    for (let i = 0; i < 400; i++) (await shop.sessions.open(await signedIn(shop))).onEnd(() => {})
    shop.store.between = () => {
      const since = performance.now()
      while (performance.now() - since < 0.5);
    }
    let through = 0
    const looked = vi.advanceTimersByTimeAsync(LOOK)
    shop.store.calls.length = 0
    while (shop.store.calls.length < 400) {
      await setImmediate()
      through++
    }
    await looked
    expect(through).toBeGreaterThan(20)
  })

  test('are all asked for also where the process has nothing else to do', async () => {
    const shop = site()
    for (let i = 0; i < 400; i++) (await shop.sessions.open(await signedIn(shop))).onEnd(() => {})
    shop.store.calls.length = 0
    shop.store.between = () => {
      const since = performance.now()
      while (performance.now() - since < 0.5);
    }
    void vi.advanceTimersByTimeAsync(LOOK)
    // No more events than these: on a busy machine a slice of time is few calls.
    for (let i = 0; i < 200 && shop.store.calls.length < 400; i++) await delay(100)
    expect(shop.store.calls).toHaveLength(400)
  })
})

test('a listener that fails breaks nothing, and is told: by events, and the first time by a warning', async () => {
  const seen = warnings()
  const shop = site()
  const session = await shop.sessions.open(await signedIn(shop))
  const thrown = [new Error('one'), new Error('two')]
  const { told } = listening(session)
  session.onEnd(() => {
    throw thrown[0]
  })
  session.onEnd(async () => {
    throw thrown[1]
  })
  const after = listening(session)
  await session.destroy()
  await turns()
  expect([told, after.told]).toEqual([['signed-out'], ['signed-out']])
  expect(shop.events.filter(({ type }) => type === 'error').map(({ error }) => error)).toEqual(thrown)
  expect(seen).toMatchObject([
    { code: 'UNTORN_END_LISTENER', message: expect.stringContaining('Error: one') },
  ])
})

test('what is no function is refused at once', async () => {
  const session = await site().sessions.open(undefined)
  for (const listener of [undefined, 'close', {}]) {
    expect(() => session.onEnd(listener as never)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'UNTORN_INVALID_ARGUMENT' }),
    )
  }
})

test('an answer depends on the session that somebody listens to', async () => {
  const session = await site().sessions.open(undefined)
  session.onEnd(() => {})
  expect(session.accessed).toBe(true)
})

test('what a request keeps for itself ends with it, though its listener goes on', async () => {
  // The test's timers are made outside of every request.
  vi.useRealTimers()
  const requests = new AsyncLocalStorage<string>()
  const shop = site()
  const session = await shop.sessions.open(await signedIn(shop))
  const during: (string | undefined)[] = []
  const look = () => {
    during.push(requests.getStore())
    return { isThere: true, expiresAt: Date.now() + MINUTE } as const
  }
  const ends = new Ends({ look, report: () => {}, every: 10 })
  requests.run('the first', () => ends.listen(session[STATE].lastStored!, new Subscription(() => {})))
  await expect.poll(() => during.length).toBeGreaterThan(1)
  ends.close()
  expect(new Set(during)).toEqual(new Set([undefined]))
})
