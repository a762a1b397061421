import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { cookieHeader } from '../visit.ts'
import { DEEDS, type Deed } from './deeds.ts'
import type { Fault, Plan } from './faulty-store.ts'
import { BEFORE, type Layer, SETTLED, Stage, signIn } from './stage.ts'

/** Rejects where the layer breaks a promise. `slow`: the store answers later. */
export type Scenario = (layer: Layer, slow: boolean) => Promise<void>

/** More calls than any request makes. */
const MOST_CALLS = 16

/** A request of which call number `at` meets a fault, and what is there afterwards, when the store answers again. */
async function faced(layer: Layer, slow: boolean, { act }: Deed, plan: Plan) {
  const stage = new Stage(layer, slow)
  const before = await stage.visitor()
  const { told, setCookie } = await stage.faced(before, plan, act)
  stage.store.heal()
  if (told === 'error' && plan.lasts) await delay(SETTLED)
  const signedOut = setCookie?.includes('Max-Age=0')
  const cookie = setCookie === undefined || signedOut ? before : cookieHeader(setCookie)
  const isThere = await stage.found(cookie)
  const old = cookie === before ? undefined : await stage.found(before)
  return { met: stage.store.met, told, isThere, old }
}

type Run = Awaited<ReturnType<typeof faced>>

/** All the calls of a request, each in a run of its own. */
async function everyCall(layer: Layer, slow: boolean, deed: Deed, plan: Omit<Plan, 'at'>): Promise<Run[]> {
  const runs = await Promise.all(
    Array.from({ length: MOST_CALLS }, (_, at) => faced(layer, slow, deed, { ...plan, at })),
  )
  const met = runs.filter((run) => run.met)
  expect(met.length).toBeGreaterThan(0)
  expect(met.length).toBeLessThan(MOST_CALLS)
  return met
}

/** Of an error's answer: as it was, all of it done, or a part of it that was saved by itself. */
function isPartOf({ done }: Deed, isThere: Record<string, unknown> | undefined): boolean {
  return Object.entries(isThere ?? {}).every(([name, value]) =>
    [BEFORE, done ?? {}].some(
      (values: Record<string, unknown>) => JSON.stringify(values[name]) === JSON.stringify(value),
    ),
  )
}

function truth(deed: Deed, plan: Omit<Plan, 'at'>): Scenario {
  return async (layer, slow) => {
    for (const [at, run] of (await everyCall(layer, slow, deed, plan)).entries()) {
      const { told, isThere, old } = run
      const about = `call ${at}: ${JSON.stringify(run)}`
      if (told === 'done') expect(isThere, about).toEqual(deed.done)
      else {
        expect(told, about).toBe('error')
        if (deed.done !== undefined) expect(isThere, about).toBeDefined()
        expect(isPartOf(deed, isThere), about).toBe(true)
      }
      expect(old, about).toBeUndefined()
    }
  }
}

function death(deed: Deed): Scenario {
  return async (layer, slow) => {
    for (const [at, { isThere }] of (await everyCall(layer, slow, deed, { fault: 'dies' })).entries()) {
      expect(isPartOf(deed, isThere), `call ${at}`).toBe(true)
      // Of a new id the cookie was not sent yet, and nobody has it: docs/decisions/11-a-new-id.md.
      if (deed.done !== undefined && !deed.moves) expect(isThere, `call ${at}`).toBeDefined()
    }
  }
}

/** Its mark is set, and then nothing answers any more. */
const UNDECIDED: Plan = { at: 2, fault: 'loses', lasts: true }

async function undecided(layer: Layer, slow: boolean) {
  const stage = new Stage(layer, slow)
  const cookie = await stage.visitor()
  const { session, told, setCookie } = await stage.faced(cookie, UNDECIDED, signIn)
  expect({ told, setCookie }).toEqual({ told: 'error', setCookie: undefined })
  return { stage, cookie, session }
}

const OTHERS: Readonly<Record<string, Scenario>> = {
  'an undecided new id, and a sign-out with the old one: final': async (layer, slow) => {
    const { stage, cookie } = await undecided(layer, slow)
    const logout = await stage.second.open(cookie)
    await logout.destroy()
    stage.store.heal()
    await delay(SETTLED)
    expect(await stage.found(cookie)).toBeUndefined()
    expect(stage.behind.all()).toEqual([])
  },

  'an undecided new id, and another sign-in with the old one: that is dead': async (layer, slow) => {
    const { stage, cookie } = await undecided(layer, slow)
    const again = await stage.second.open(cookie)
    signIn(again)
    const next = cookieHeader(await again.commit())
    stage.store.heal()
    await delay(SETTLED)
    expect(await stage.found(cookie)).toBeUndefined()
    expect(await stage.found(next)).toEqual({ user: 'ada' })
    expect(stage.behind.all()).toHaveLength(1)
  },

  'an undecided new id that its request then decides, with what was set meanwhile': async (layer, slow) => {
    const { stage, cookie, session } = await undecided(layer, slow)
    stage.store.heal()
    session.set('later', true)
    const next = cookieHeader(await session.commit())
    await delay(SETTLED)
    expect(await stage.found(next)).toEqual({ ...BEFORE, user: 'ada', later: true })
    expect(await stage.found(cookie)).toBeUndefined()
    expect(stage.behind.all()).toHaveLength(1)
  },

  'a sign-out that was acknowledged, and a slow sign-in of which any answer is lost': async (layer, slow) => {
    for (let at = 0, met = true; met; at++) {
      const stage = new Stage(layer, slow)
      const cookie = await stage.visitor()
      const session = await stage.first.open(cookie)
      await (await stage.second.open(cookie)).destroy()
      stage.store.plan({ at, fault: 'loses' })
      await stage.answered(session, signIn)
      met = stage.store.met
      expect(await stage.found(cookie)).toBeUndefined()
      // Of a creation whose answer is lost the record stays, under an id that nobody was told.
      expect(stage.behind.all().length).toBeLessThanOrEqual(at === 0 ? 1 : 0)
    }
  },

  'a sign-out while a new id is asked for: it stays signed out': async (layer, slow) => {
    const stage = new Stage(layer, slow)
    const cookie = await stage.visitor()
    const session = await stage.first.open(cookie)
    await (await stage.second.open(cookie)).destroy()
    expect((await stage.answered(session, signIn)).told).toBe('gone')
    expect(stage.behind.all()).toEqual([])
  },

  'a slow save to a session that has a new id, whose old record could not be removed': async (
    layer,
    slow,
  ) => {
    const stage = new Stage(layer, slow)
    const cookie = await stage.visitor()
    const other = await stage.second.open(cookie)
    // Its copy, the note, the mark, and then the removal.
    const { told } = await stage.faced(cookie, { at: 3, fault: 'fails' }, signIn)
    expect(told).toBe('done')
    expect((await stage.answered(other, (session) => session.set('other', 1))).told).toBe('gone')
    expect(await stage.found(cookie)).toBeUndefined()
  },

  'a second click on "sign in": nothing that was read goes into its session': async (layer, slow) => {
    const stage = new Stage(layer, slow)
    const cookie = await stage.visitor()
    const [first, second] = [await stage.first.open(cookie), await stage.second.open(cookie)]
    second.get('cart').push('milk')
    expect((await stage.answered(first, signIn)).told).toBe('done')
    const { told, setCookie } = await stage.answered(second, signIn)
    expect(told).toBe('done')
    expect(await stage.found(cookieHeader(setCookie))).toEqual({ user: 'ada' })
  },

  'a request that arrived before the new id, and opens its session after it': async (layer, slow) => {
    const stage = new Stage(layer, slow)
    const cookie = await stage.visitor()
    const arrivedAt = Date.now()
    await stage.answered(await stage.first.open(cookie), signIn)
    for (const [arrival, told] of [
      [arrivedAt, 'gone'],
      [arrivedAt + 60_000, 'done'],
    ] as const) {
      const late = await stage.second.open(cookie, { arrivedAt: arrival })
      expect((await stage.answered(late, (session) => session.set('cart', []))).told).toBe(told)
    }
  },
}

const FAULTS: readonly [what: string, plan: { fault: Fault; lasts?: boolean }][] = [
  ['fails', { fault: 'fails' }],
  ['is carried out, and its answer is lost', { fault: 'loses' }],
  ['fails, and so do all until the answer', { fault: 'fails', lasts: true }],
  ['is carried out, and no answer arrives from then on', { fault: 'loses', lasts: true }],
  ['is carried out later than it is told to have failed', { fault: 'lags' }],
]

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  ...Object.fromEntries(
    DEEDS.flatMap((deed) => [
      ...FAULTS.map(([what, plan]) => [`${deed.what}: any call ${what}`, truth(deed, plan)]),
      [`${deed.what}: the process dies at any call`, death(deed)],
    ]),
  ),
  ...OTHERS,
}
