import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { SessionGoneError, StoreUnavailableError } from '../../src/errors.ts'
import { createSessions, type Session } from '../../src/index.ts'
import { onceKey } from '../../src/values/data.ts'
import { type Site, signedIn, site, valuesOf } from '../sessions/visit.ts'
import { bothKinds, type PlainStore } from '../support/plain-store.ts'

const coded = (code: string) => expect.objectContaining({ code })
const GONE = coded('UNTORN_SESSION_GONE')

/**
 * For a function: waits until all who have asked wait for it. Those of its own process have asked before; another process has
 * found whose turn it is when it looks again.
 */
function untilAsked({ store }: Site, processes: number): () => Promise<void> {
  const looks = () => store.calls.filter(({ method }) => method === 'load').length
  const before = looks()
  return async () => {
    while (processes > 1 && looks() === before) await delay(5)
    await delay(processes > 1 ? 50 : 100)
  }
}

/** Counts the runs of a function that takes a moment and answers `value`. */
function counted<T>(value: T, ms = 5) {
  const seen = { runs: 0 }
  const fn = async (): Promise<T> => {
    seen.runs++
    await delay(ms)
    return value
  }
  return { fn, seen }
}

describe.each(bothKinds)('once(), on $kind', ({ slow }) => {
  /** Applications that know nothing of each other but their store, as processes have it, each with a store object. */
  async function processes(count: number, options: object = {}) {
    const shop = site({ slow, ...options })
    const cookie = await signedIn(shop, { token: 'old', views: 1 })
    // What runs in a process is known by its store object: another one is another process.
    const sessions = Array.from({ length: count }, () =>
      createSessions({ store: new Proxy(shop.store, bound), ...options }),
    )
    return { shop, cookie, sessions, open: (at: number) => sessions[at % count]!.open(cookie) }
  }
  const bound: ProxyHandler<PlainStore> = {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  }

  test.each([1, 3])('of twenty requests in %i processes one runs it, all get its result', async (count) => {
    const { shop, open } = await processes(count)
    const { fn, seen } = counted({ access: 'new' }, 30)
    const all = await Promise.all(Array.from({ length: 20 }, (_, at) => open(at)))
    const got = await Promise.all(all.map((session) => session.once('token', fn)))
    expect(got).toEqual(Array.from({ length: 20 }, () => ({ access: 'new' })))
    expect(seen.runs).toBe(1)
    expect(all.map((session) => session.get('token'))).toEqual(got)
    // Each has an object of its own.
    got[0]!.access = 'mine'
    expect(got[1]).toEqual({ access: 'new' })
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', token: { access: 'new' }, views: 1 })
    expect([...shop.store.only().values.keys()].sort()).toEqual(['token', 'user', 'views'])
  })

  test('a request that comes when it is done, and had read the old value before, gets the new one', async () => {
    const { open } = await processes(2)
    const [first, late] = [await open(0), await open(1)]
    expect(await first.once('token', async () => 'new')).toBe('new')
    const { fn, seen } = counted('another')
    expect(await late.once('token', fn)).toBe('new')
    expect(seen.runs).toBe(0)
    // It has seen that by now: what it asks for is a newer one.
    expect(await late.once('token', fn)).toBe('another')
    expect(seen.runs).toBe(1)
  })

  test.each([1, 2])('in %i processes its error goes to those who wait, and is not kept', async (count) => {
    const { open, shop } = await processes(count)
    const all = await Promise.all(Array.from({ length: 6 }, (_, at) => open(at)))
    let runs = 0
    const error = Object.assign(new TypeError('The provider refused.'), { code: 'invalid_grant' })
    const asked = untilAsked(shop, count)
    const fails = async () => {
      runs++
      await asked()
      throw error
    }
    const outcomes = await Promise.allSettled(all.map((session) => session.once('token', fails)))
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { name: 'TypeError', message: 'The provider refused.', code: 'invalid_grant' },
      })
    }
    expect(runs).toBe(1)
    expect(valuesOf(shop.store).token).toBe('old')
    expect(await (await open(1)).once('token', () => 'new')).toBe('new')
    expect([...shop.store.only().values.keys()]).not.toContain(onceKey('token'))
  })

  test('a result that is the value of before is a result: those who wait do not run it again', async () => {
    const { open, shop } = await processes(2)
    const [one, other] = [await open(0), await open(1)]
    let runs = 0
    const asked = untilAsked(shop, 2)
    const fn = async () => {
      runs++
      await asked()
      return 'old'
    }
    expect(await Promise.all([one.once('token', fn), other.once('token', fn)])).toEqual(['old', 'old'])
    expect(runs).toBe(1)
    // Asked for later it is run again.
    expect(await other.once('token', () => 'new')).toBe('new')
  })

  test('what others save meanwhile stays, what this request set is its own to save', async () => {
    const { open, shop } = await processes(2)
    const [runner, other] = [await open(0), await open(1)]
    runner.set('mine', 1)
    const value = await runner.once('token', async () => {
      other.set('theirs', 2)
      await other.save()
      runner.set('inside', 3)
      return 'new'
    })
    expect(value).toBe('new')
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', views: 1, token: 'new', theirs: 2 })
    await runner.commit()
    expect(valuesOf(shop.store)).toMatchObject({ mine: 1, inside: 3, token: 'new', theirs: 2 })
  })

  test('a value that is set by hand while it runs stands, and is the answer', async () => {
    const { open, shop } = await processes(2)
    const [runner, other] = [await open(0), await open(1)]
    const value = await runner.once('token', async () => {
      other.set('token', 'by hand')
      await other.save()
      return 'new'
    })
    expect(value).toBe('by hand')
    expect(valuesOf(shop.store).token).toBe('by hand')
  })

  test('an expired token that another request sweeps out while the new one is fetched: that is kept', async () => {
    const { shop, open } = await processes(2)
    const before = await open(0)
    before.set('token', 'old', { expiresIn: '40ms' })
    await before.commit()
    await delay(60)
    const [runner, waits, late, other] = [await open(0), await open(1), await open(1), await open(0)]
    expect(runner.get('token')).toBeUndefined()
    let runs = 0
    const asked = untilAsked(shop, 2)
    const fetched = async () => {
      runs++
      other.set('views', 2)
      await other.commit()
      await asked()
      return 'new'
    }
    const both = Promise.all([runner.once('token', fetched), waits.once('token', fetched)])
    expect(await both).toEqual(['new', 'new'])
    expect(await late.once('token', fetched)).toBe('new')
    expect(runs).toBe(1)
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', token: 'new', views: 2 })
  })

  test('who has waited knows what it was given: it can take it, and ask for a newer one', async () => {
    for (const old of [undefined, 'old']) {
      const { open, shop } = await processes(1)
      const before = await open(0)
      before.set('token', old)
      await before.commit()
      const [runner, waits, too] = [await open(0), await open(0), await open(0)]
      const waiting: unknown[] = []
      const fetched = async () => {
        waiting.push(waits.once('token', fetched), too.once('token', fetched))
        return delay(20, 'new')
      }
      expect(await runner.once('token', fetched)).toBe('new')
      expect(await Promise.all(waiting)).toEqual(['new', 'new'])
      expect(await waits.once('token', () => 'newer')).toBe('newer')
      expect(await too.take('token')).toBe('newer')
      expect(valuesOf(shop.store)).toEqual({ user: 'ada', views: 1 })
    }
  })

  test('a value that the request itself sets while it runs stands, too', async () => {
    const { open, shop } = await processes(1)
    for (const session of [await open(0), await shop.sessions.open(undefined)]) {
      const running = session.once('token', () => delay(10, 'new'))
      session.set('token', 'mine')
      expect(await running).toBe('mine')
      await session.commit()
    }
    expect(shop.store.all().map(([, { values }]) => values.get('token'))).toEqual(['"mine"', '"mine"'])
  })

  test('an update while it runs is made to the result', async () => {
    const { open, shop } = await processes(1)
    const session = await open(0)
    const running = session.once('views', () => delay(10, 10))
    session.update('views', (n = 0) => n + 1)
    await running
    await session.commit()
    expect(valuesOf(shop.store).views).toBe(11)
  })

  test('a value that is deleted while it runs is none, for whoever waits too', async () => {
    const { open } = await processes(2)
    const [runner, waits, other] = [await open(0), await open(0), await open(1)]
    const fn = async () => {
      other.delete('token')
      await other.save()
      return 'new'
    }
    expect(await Promise.all([runner.once('token', fn), waits.once('token', fn)])).toEqual([
      undefined,
      undefined,
    ])
  })

  test('a run that takes longer than its timeout is replaced, and only the other result stands', async () => {
    for (const count of [1, 2]) {
      const { open, shop } = await processes(count)
      const [sleeper, other, third] = [await open(0), await open(1), await open(1)]
      let wake = () => {}
      const asleep = new Promise<void>((resolve) => {
        wake = resolve
      })
      const slept = sleeper.once('token', () => asleep.then(() => 'late'), { timeout: '1s' })
      await delay(20)
      const { fn, seen } = counted('in time')
      expect(await Promise.all([other.once('token', fn), third.once('token', fn)])).toEqual([
        'in time',
        'in time',
      ])
      expect(seen.runs).toBe(1)
      wake()
      expect(await slept).toBe('in time')
      expect(valuesOf(shop.store).token).toBe('in time')
    }
  })

  test('the ticket of a run that died long ago keeps nobody waiting, nor does one that nobody can read', async () => {
    const { open, shop, cookie } = await processes(1)
    const key = shop.store.calls.findLast(({ method }) => method === 'create')!.key
    const at = key.slice(0, 8)
    for (const ticket of [
      { run: 'dead', until: Date.now() - 1, patience: 60_000, at },
      // Of the record before a new id: its run can't come to an end here.
      { run: 'moved', until: Date.now() + 60_000, patience: 60_000, at: '00000000' },
      'nonsense',
      null,
    ]) {
      shop.store.plant(key, onceKey('token'), JSON.stringify(ticket))
      expect(await (await open(0)).once('token', () => `${JSON.stringify(ticket)}`)).toBe(
        JSON.stringify(ticket),
      )
    }
    expect(cookie).toBeTruthy()
  })

  test('signed out meanwhile: an error with a type for all, and nothing comes back', async () => {
    for (const count of [1, 2]) {
      const { open, shop } = await processes(count)
      const [runner, waits, other] = [await open(0), await open(1), await open(0)]
      const asked = untilAsked(shop, count)
      const fn = async () => {
        await asked()
        await other.destroy()
        return 'new'
      }
      const outcomes = Promise.allSettled([runner.once('token', fn), waits.once('token', fn)])
      expect(await outcomes).toEqual([1, 2].map(() => ({ status: 'rejected', reason: GONE })))
      expect(shop.store.all()).toEqual([])
      await expect(waits.once('token', () => 'never')).rejects.toThrow(GONE)
    }
  })

  test('another request takes a new id meanwhile: gone for the run, and the new id need not wait for it', async () => {
    const { sessions, open, shop } = await processes(2)
    const [runner, login] = [await open(0), await open(1)]
    let newer: unknown
    const running = runner.once('token', async () => {
      login.regenerate()
      const line = await login.commit()
      const next = await sessions[1]!.open(line!.split(';')[0])
      newer = await next.once('token', () => 'newer')
      return 'new'
    })
    await expect(running).rejects.toThrow(GONE)
    expect(newer).toBe('newer')
    expect(valuesOf(shop.store).token).toBe('newer')
  })

  test('the function takes a new id itself, or saves: the result is kept', async () => {
    const { open, shop } = await processes(1)
    const session = await open(0)
    const value = await session.once('token', async () => {
      session.regenerate()
      await session.save()
      return 'new'
    })
    expect(value).toBe('new')
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', token: 'new', views: 1 })
    expect([...shop.store.only().values.keys()]).not.toContain(onceKey('token'))
  })

  test('without a stored session only calls of the request meet, and the next save keeps the value', async () => {
    const shop = site({ slow })
    const session = await shop.sessions.open(undefined)
    const { fn, seen } = counted('first')
    expect(await Promise.all([session.once('token', fn), session.once('token', fn)])).toEqual([
      'first',
      'first',
    ])
    expect(seen.runs).toBe(1)
    expect(shop.store.calls).toEqual([])
    await session.commit()
    expect(valuesOf(shop.store)).toEqual({ token: 'first' })
    await expect(
      (await shop.sessions.open(undefined)).once('token', () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no')
  })

  test('a result that is nothing, can not be stored, or is too large: an error for all, nothing is changed', async () => {
    const { open, shop } = await processes(2, { maxBytes: 1000, maxKeys: 3 })
    for (const [result, code] of [
      [undefined, 'UNTORN_NOT_SERIALISABLE'],
      [() => 1, 'UNTORN_NOT_SERIALISABLE'],
      ['x'.repeat(1000), 'UNTORN_SESSION_TOO_LARGE'],
    ] as const) {
      const [runner, waits] = [await open(0), await open(1)]
      const asked = untilAsked(shop, 2)
      const fn = async () => {
        await asked()
        return result
      }
      const outcomes = await Promise.allSettled([runner.once('token', fn), waits.once('token', fn)])
      // In another process it is a copy.
      const reason = expect.objectContaining({ code })
      expect(outcomes).toEqual([1, 2].map(() => ({ status: 'rejected', reason })))
    }
    expect(valuesOf(shop.store).token).toBe('old')
  })

  test('no limit counts that it is under way, and nobody sees it', async () => {
    const { open, shop } = await processes(2, { maxKeys: 3, maxBytes: 60 })
    const [runner, other] = [await open(0), await open(1)]
    await runner.once('token', async () => {
      const meanwhile = await open(1)
      expect(meanwhile.keys()).toEqual(['user', 'token', 'views'])
      expect(meanwhile.toJSON()).toEqual({ user: 'ada', token: 'old', views: 1 })
      other.set('views', 2)
      await other.save()
      return 'new'
    })
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', token: 'new', views: 2 })
  })

  test('runs that fail for ever other names leave no more than a few tickets', async () => {
    const { open, shop } = await processes(1)
    const session = await open(0)
    const fails = () => Promise.reject(new Error('no'.repeat(1000)))
    for (let at = 0; at < 30; at++) await expect(session.once(`order ${at}`, fails)).rejects.toThrow('no')
    const tickets = [...shop.store.only().values.keys()].filter((key) => key.startsWith(onceKey('')))
    expect(tickets.length).toBeLessThanOrEqual(10)
    expect(tickets).toContain(onceKey('order 29'))
  })

  test('tickets of dead runs and of values that are gone go with the next one; those of others stay', async () => {
    const { open, shop } = await processes(1)
    const key = shop.store.calls.findLast(({ method }) => method === 'create')!.key
    const at = key.slice(0, 8)
    const running = { run: 'running', until: Date.now() + 60_000, patience: 60_000, at }
    const tickets = {
      running,
      dead: { ...running, until: Date.now() - 1 },
      user: { run: 'done', over: 'done' },
      deleted: { run: 'done', over: 'done' },
    }
    for (const [name, ticket] of Object.entries(tickets)) {
      shop.store.plant(key, onceKey(name), JSON.stringify(ticket))
    }
    await (await open(0)).once('token', () => 'new')
    const names = [...shop.store.only().values.keys()].filter((name) => name.startsWith(onceKey('')))
    expect(names.sort()).toEqual([onceKey('running'), onceKey('user')])
  })

  test('whatever it throws goes to those who wait in another process, and at once', async () => {
    const bare = Object.create(null)
    const failures: [thrown: unknown, told: object][] = [
      // Of another store than this session's.
      [new StoreUnavailableError('down'), { name: 'StoreUnavailableError', message: 'down' }],
      [new SessionGoneError(), { name: 'SessionGoneError' }],
      [bare, { message: 'It failed in another process.' }],
    ]
    for (const [thrown, told] of failures) {
      const { open, shop } = await processes(2)
      const [runner, waits] = [await open(0), await open(1)]
      const asked = untilAsked(shop, 2)
      let runs = 0
      const fails = async () => {
        runs++
        await asked()
        throw thrown
      }
      const outcomes = await Promise.allSettled([runner.once('token', fails), waits.once('token', fails)])
      const reasons = outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason)
      expect(reasons).toContain(thrown)
      expect(reasons.find((reason) => reason !== thrown)).toMatchObject(told)
      expect(runs).toBe(1)
    }
  })

  test('told to stop before it has begun, nothing is run, of a session that is not stored either', async () => {
    const { open, shop } = await processes(1)
    const { fn, seen } = counted('never')
    const signal = AbortSignal.abort(new Error('The client has gone.'))
    for (const session of [await open(0), await shop.sessions.open(undefined)]) {
      await expect(session.once('token', fn, { signal })).rejects.toThrow('The client has gone.')
    }
    expect(seen.runs).toBe(0)
  })

  test('who waits can be told to stop; the run goes on', async () => {
    for (const count of [1, 2]) {
      const { open, shop } = await processes(count)
      const [runner, waits] = [await open(0), await open(1)]
      let found = (_value: string) => {}
      const running = runner.once('token', () => new Promise<string>((resolve) => (found = resolve)))
      while (![...shop.store.only().values.keys()].includes(onceKey('token'))) await delay(5)
      const client = new AbortController()
      const waiting = waits.once('token', () => 'never', { signal: client.signal })
      setTimeout(() => client.abort(new Error('The client has gone.')), 20)
      await expect(waiting).rejects.toThrow('The client has gone.')
      found('new')
      expect(await running).toBe('new')
      expect(valuesOf(shop.store).token).toBe('new')
    }
  })

  test('a store that fails: its error, and what was there stays', async () => {
    const { open, shop } = await processes(1)
    const down = Object.assign(new Error('down'), { code: 'DOWN' })
    const session = await open(0)
    shop.store.failing.set('save', down)
    let ran = false
    await expect(
      session.once('token', () => {
        ran = true
        return 'new'
      }),
    ).rejects.toBe(down)
    expect(ran).toBe(false)
    shop.store.failing.clear()
    const fails = session.once('token', () => {
      shop.store.failing.set('save', down)
      return 'new'
    })
    await expect(fails).rejects.toBe(down)
    shop.store.failing.clear()
    expect(valuesOf(shop.store).token).toBe('old')
  })
})

test.each(bothKinds)(
  'the answer to its beginning is lost, on $kind: nobody waits for a run that is none',
  async ({ slow }) => {
    const shop = site({ slow })
    const cookie = await signedIn(shop, { token: 'old' })
    const [unlucky, next] = [await shop.sessions.open(cookie), await shop.sessions.open(cookie)]
    shop.store.losing.set('save', new StoreUnavailableError('The answer is lost.'))
    await expect(unlucky.once('token', () => 'never')).rejects.toThrow('The answer is lost.')
    shop.store.losing.clear()
    const since = performance.now()
    expect(await next.once('token', () => 'new')).toBe('new')
    expect(performance.now() - since).toBeLessThan(5000)
    expect(valuesOf(shop.store).token).toBe('new')
  },
)

test('a mistake is told, and says what to do', async () => {
  const shop = site()
  const session: Session = await shop.sessions.open(await signedIn(shop))
  session.set('token', 'mine')
  await expect(session.once('token', () => 1)).rejects.toThrow(
    expect.objectContaining({
      code: 'UNTORN_MISUSE',
      message: expect.stringContaining('`await session.save()` first'),
    }),
  )
  const given = (fn: unknown, options?: unknown) => session.once('other', fn as never, options as never)
  await expect(given('text')).rejects.toThrow(coded('UNTORN_INVALID_ARGUMENT'))
  await expect(given(() => 1, { timeout: 'soon' })).rejects.toThrow(coded('UNTORN_INVALID_OPTION'))
  await expect(given(() => 1, { wait: 1 })).rejects.toThrow(coded('UNTORN_INVALID_OPTION'))
  await expect(given(() => 1, { signal: 1 })).rejects.toThrow(coded('UNTORN_INVALID_OPTION'))
  await expect(session.once('untorn:x', () => 1)).rejects.toThrow(coded('UNTORN_INVALID_OPTION'))
})
