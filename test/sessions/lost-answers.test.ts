import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createSessions, type Session, SessionGoneError } from '../../src/index.ts'
import { bothKinds, PlainStore } from '../support/plain-store.ts'
import { type Fault, FaultyStore, type Plan } from './faulty-store.ts'
import { cookieHeader } from './visit.ts'

/** Milliseconds in which a move that was left undecided is taken back: at the first try, a quarter of a second later. */
const SETTLED = 450

interface Deed {
  what: string
  /** What the handler does before its answer. What it does not wait for may fail unseen, as in an adapter. */
  act(session: Session): unknown
  /** What the session holds if it was done; `undefined`: there is none any more. */
  done: Record<string, unknown> | undefined
}

const BEFORE = { cart: ['tea'], notice: 'Hello' }

const unseen = async (work: () => unknown) => {
  try {
    await work()
  } catch {
    // Nobody waits for it.
  }
}

const signIn = (session: Session) => {
  session.regenerate()
  session.set('user', 'ada')
}

const DEEDS: readonly Deed[] = [
  { what: 'sets a value', act: (session) => session.set('user', 'ada'), done: { ...BEFORE, user: 'ada' } },
  {
    what: 'sets a value and saves by itself',
    async act(session) {
      session.set('user', 'ada')
      await session.save()
    },
    done: { ...BEFORE, user: 'ada' },
  },
  { what: 'signs in', act: signIn, done: { ...BEFORE, user: 'ada' } },
  {
    what: 'signs in, and waits for the new id first',
    async act(session) {
      session.regenerate()
      await session.save()
      session.set('user', 'ada')
    },
    done: { ...BEFORE, user: 'ada' },
  },
  {
    what: 'signs in, and does not wait for the new id',
    async act(session) {
      session.regenerate()
      await unseen(() => session.save())
      session.set('user', 'ada')
    },
    done: { ...BEFORE, user: 'ada' },
  },
  {
    what: 'takes a new id twice',
    async act(session) {
      session.regenerate()
      await session.save()
      signIn(session)
    },
    done: { ...BEFORE, user: 'ada' },
  },
  { what: 'signs out', act: (session) => session.destroy(), done: undefined },
  {
    what: 'signs out, and does not wait for it',
    act: (session) => unseen(() => session.destroy()),
    done: undefined,
  },
  {
    what: 'shows a notice once',
    act: (session) => session.take('notice'),
    done: { cart: BEFORE.cart },
  },
]

/** Two processes of one application, on one store, of which the first has a visitor's request. */
function stage(slow: boolean) {
  const behind = new PlainStore({ slow })
  const store = new FaultyStore(behind)
  const [first, second] = [createSessions({ store }), createSessions({ store: behind })]
  return { behind, store, first, second }
}

async function visited({ first }: ReturnType<typeof stage>): Promise<string> {
  const session = await first.open(undefined)
  for (const [name, value] of Object.entries(BEFORE)) session.set(name, value)
  return cookieHeader(await session.commit())
}

/** One request, answered as an adapter does: what the commit throws is an error's answer, with the cookie that is due. */
async function answered(session: Session, act: Deed['act']) {
  let told: 'done' | 'gone' | 'error' = 'done'
  let setCookie: string | undefined
  try {
    await act(session)
    setCookie = await session.commit()
  } catch (error) {
    told = error instanceof SessionGoneError ? 'gone' : 'error'
    setCookie = session.dueCookie()
  }
  return { told, setCookie }
}

/** The session that a visitor's cookie leads to, as data. */
async function found({ second }: ReturnType<typeof stage>, cookie: string) {
  const session = await second.open(cookie)
  return session.isNew ? undefined : Object.fromEntries(session.keys().map((key) => [key, session.get(key)]))
}

/** A request of which call number `at` meets a fault, and what is there afterwards, when the store answers again. */
async function faced(slow: boolean, { act }: Deed, plan: Plan) {
  const shop = stage(slow)
  const before = await visited(shop)
  const session = await shop.first.open(before)
  shop.store.plan(plan)
  const { told, setCookie } = await answered(session, act)
  shop.store.heal()
  if (told === 'error' && plan.lasts) await delay(SETTLED)
  const signedOut = setCookie?.includes('Max-Age=0')
  const cookie = setCookie === undefined || signedOut ? before : cookieHeader(setCookie)
  const isThere = (await found(shop, cookie)) as Record<string, unknown> | undefined
  return { met: shop.store.met, told, isThere, moved: cookie !== before, before, shop }
}

/** One after the other until the request makes no such call. */
async function everyCall(slow: boolean, deed: Deed, plan: Omit<Plan, 'at'>, check: (run: Run) => unknown) {
  const most = 16
  const runs = await Promise.all(Array.from({ length: most }, (_, at) => faced(slow, deed, { ...plan, at })))
  const met = runs.filter((run) => run.met)
  expect(met.length).toBeGreaterThan(0)
  expect(met.length).toBeLessThan(most)
  for (const [at, run] of met.entries()) await check({ ...run, at })
}

type Run = Awaited<ReturnType<typeof faced>> & { at: number }

/** What may be there after an error: as it was, or all of it, or a part of it that was saved by itself. */
function isPartOf(deed: Deed, isThere: Record<string, unknown> | undefined): boolean {
  const whole = deed.done ?? {}
  return Object.entries(isThere ?? {}).every(([name, value]) =>
    [BEFORE, whole].some((values) => JSON.stringify(values[name as never]) === JSON.stringify(value)),
  )
}

describe.each(bothKinds)('on $kind, a request that', ({ slow }) => {
  describe.each(DEEDS)('$what', (deed) => {
    const faults: [fault: Fault, lasts: boolean][] = [
      ['fails', false],
      ['loses', false],
      ['fails', true],
      ['loses', true],
      ['lags', false],
    ]
    test.concurrent.each(faults)(
      'is told the truth, and nothing is lost, whichever of its calls %s (until the answer: %s)',
      async (fault, lasts) => {
        await everyCall(slow, deed, { fault, lasts }, async ({ at, told, isThere, moved, before, shop }) => {
          const about = `call ${at}: ${JSON.stringify({ told, isThere, moved })}`
          if (told === 'done') expect(isThere, about).toEqual(deed.done)
          else {
            expect(told, about).toBe('error')
            if (deed.done !== undefined) expect(isThere, about).toBeDefined()
            expect(isPartOf(deed, isThere), about).toBe(true)
          }
          // The old id of one that has a new one is dead, and no twin of the session is left that could be in use.
          if (moved) expect(await found(shop, before), about).toBeUndefined()
        })
      },
    )

    test.concurrent('leaves the session there when its process dies, but behind the end of a new id', async () => {
      const dead: number[] = []
      await everyCall(slow, deed, { fault: 'dies' }, ({ at, isThere }) => {
        if (isThere === undefined) dead.push(at)
        else expect(isPartOf(deed, isThere), `call ${at}`).toBe(true)
      })
      // docs/guarantees.md: the cookie of a new id was not sent yet, and nobody has it.
      const mayBeLost = deed.done === undefined || deed.what.includes('new id') || deed.what === 'signs in'
      if (!mayBeLost) expect(dead).toEqual([])
    })
  })

  test.concurrent('has an undecided new id can be signed out with the old one, for good', async () => {
    const shop = stage(slow)
    const cookie = await visited(shop)
    const session = await shop.first.open(cookie)
    // Its copy is there and noted; the mark is set, and then nothing answers any more.
    shop.store.plan({ at: 2, fault: 'loses', lasts: true })
    expect(await answered(session, signIn)).toEqual({ told: 'error', setCookie: undefined })
    const logout = await shop.second.open(cookie)
    await logout.destroy()
    shop.store.heal()
    await delay(SETTLED)
    expect(await found(shop, cookie)).toBeUndefined()
    expect(shop.behind.all()).toEqual([])
  })

  test.concurrent('has an undecided new id, and is followed by a sign-in: the old id is dead', async () => {
    const shop = stage(slow)
    const cookie = await visited(shop)
    const session = await shop.first.open(cookie)
    shop.store.plan({ at: 2, fault: 'loses', lasts: true })
    expect((await answered(session, signIn)).told).toBe('error')
    const again = await shop.second.open(cookie)
    signIn(again)
    const next = cookieHeader(await again.commit())
    shop.store.heal()
    await delay(SETTLED)
    expect(await found(shop, cookie)).toBeUndefined()
    expect(await found(shop, next)).toEqual({ user: 'ada' })
    expect(shop.behind.all()).toHaveLength(1)
  })

  test.concurrent('has an undecided new id, and then decides it itself, with what was set meanwhile', async () => {
    const shop = stage(slow)
    const cookie = await visited(shop)
    const session = await shop.first.open(cookie)
    shop.store.plan({ at: 2, fault: 'loses', lasts: true })
    expect((await answered(session, signIn)).told).toBe('error')
    shop.store.heal()
    session.set('later', true)
    const next = cookieHeader(await session.commit())
    await delay(SETTLED)
    expect(await found(shop, next)).toEqual({ ...BEFORE, user: 'ada', later: true })
    expect(await found(shop, cookie)).toBeUndefined()
  })

  test.concurrent('signs in after a logout was acknowledged brings nothing back, whatever answer is lost', async () => {
    for (let at = 0, met = true; met; at++) {
      const shop = stage(slow)
      const cookie = await visited(shop)
      const session = await shop.first.open(cookie)
      await (await shop.second.open(cookie)).destroy()
      shop.store.plan({ at, fault: 'loses' })
      await answered(session, signIn)
      met = shop.store.met
      expect(await found(shop, cookie)).toBeUndefined()
      const left = shop.behind.all().map(([, { values }]) => values.get('user'))
      // A copy whose answer was lost is nobody's: its id was never told to anybody.
      expect(left.length).toBeLessThanOrEqual(at === 0 ? 1 : 0)
    }
  })
})
