import { expect } from 'vitest'
import { cookieHeader } from '../../sessions/visit.ts'
import { ADOPTED } from './adopted.ts'
import { DEEDS, type Deed } from './deeds.ts'
import type { Fault, Plan } from './faulty-store.ts'
import { OVERLAPPING } from './overlapping.ts'
import { BEFORE, type Layer, type Scenario, Stage } from './stage.ts'
import { UNDECIDED_MOVES } from './undecided.ts'

/** More calls than any request makes. */
const MOST_CALLS = 16

/** A request of which call number `at` meets a fault, and what is there afterwards, when the store answers again. */
async function faced(layer: Layer, slow: boolean, { act, done }: Deed, plan: Plan) {
  const stage = new Stage(layer, slow)
  const before = await stage.visitor()
  const { told, setCookie } = await stage.faced(before, plan, act)
  stage.store.heal()
  const signedOut = setCookie?.includes('Max-Age=0')
  const cookie = setCookie === undefined || signedOut ? before : cookieHeader(setCookie)
  if (told === 'error' && plan.lasts) {
    await stage.settled()
    const isSettled = async (): Promise<boolean> => {
      if (done !== undefined && !(await stage.found(cookie))) return false
      return cookie === before || !(await stage.found(before))
    }
    // Each time twice as long.
    for (let more = 0; more < 3 && !(await isSettled()); more++) await stage.settled()
  }
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
  ...UNDECIDED_MOVES,
  ...OVERLAPPING,
  ...ADOPTED,
}
