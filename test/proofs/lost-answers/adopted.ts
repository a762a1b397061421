import { expect } from 'vitest'
import { sessionKey } from '../../../src/contract/key.ts'
import { after } from '../../../src/contract/wait.ts'
import type { Session } from '../../../src/index.ts'
import { cookieHeader } from '../../sessions/visit.ts'
import { ForeignStore } from '../../support/foreign-store.ts'
import type { Fault } from './faulty-store.ts'
import { type Layer, type Scenario, Stage } from './stage.ts'

/** More calls than a first visit makes. */
const MOST_CALLS = 16

const ID = 'an-id-of-another-library'
const OLD = `connect.sid=${ID}`
const KEY = sessionKey(ID)
const NUMBERS = Array.from({ length: MOST_CALLS }, (_, at) => at)

const put = (name: string) => (session: Session) => void session.set(name, 1)

/** A visitor who comes with the cookie of another library, whose session has a cart. */
function stageOf(layer: Layer, slow: boolean) {
  const behind = new ForeignStore({ slow })
  behind.has(ID, { cart: ['tea'] })
  const cookie = { accept: { name: 'connect.sid', pattern: /.+/ } }
  return { behind, stage: new Stage(layer, slow, { behind, cookie }) }
}

/** A first visit to the first process, of which a call meets a fault; opening the session is one of them. */
async function firstVisit(stage: Stage, plan: { at: number; fault: Fault; lasts?: boolean } | undefined) {
  if (plan !== undefined) stage.store.plan(plan)
  try {
    const session = await stage.first.open(OLD)
    return await stage.answered(session, put('first'))
  } catch {
    return { told: 'error' as const, setCookie: undefined }
  }
}

const faced =
  (fault: Fault, lasts = false): Scenario =>
  async (layer, slow) => {
    const runs = NUMBERS.map(async (at) => {
      const { stage, behind } = stageOf(layer, slow)
      const { told, setCookie } = await firstVisit(stage, { at, fault, lasts })
      stage.store.heal()
      const about = `call ${at}, ${told}`
      // Who was told of a failure comes again with what they have, and what was to be saved may have been.
      const isDone = told === 'done'
      const wanted = isDone ? { cart: ['tea'], first: 1 } : { cart: ['tea'] }
      expect(await stage.found(OLD), about).toMatchObject(wanted)
      if (setCookie !== undefined)
        expect(await stage.found(cookieHeader(setCookie)), about).toMatchObject(wanted)
      if (isDone) expect(setCookie, about).toBeDefined()
      // What was stored of a try that failed nobody was told the id of.
      expect(behind.all().length, about).toBeLessThanOrEqual(fault === 'dies' || lasts ? 3 : 2)
      return stage.store.met
    })
    const met = await Promise.all(runs)
    expect(met[0]).toBe(true)
    expect(met.at(-1)).toBe(false)
  }

/** Something is done between any two calls of a first visit. Called with what follows the visit's answer. */
async function between(
  layer: Layer,
  slow: boolean,
  act: (stage: Stage, behind: ForeignStore) => unknown,
  check: (stage: Stage, visit: { told: string; setCookie: string | undefined }) => unknown,
): Promise<void> {
  for (const at of NUMBERS) {
    const { stage, behind } = stageOf(layer, slow)
    let calls = 0
    let met = false
    behind.between = () => {
      if (calls++ !== at || met) return
      met = true
      return act(stage, behind)
    }
    const visit = await firstVisit(stage, undefined)
    behind.between = () => {}
    await check(stage, visit)
    if (!met) return
  }
  expect('a first visit').toBe('over by now')
}

export const ADOPTED: Readonly<Record<string, Scenario>> = {
  'comes with the cookie of another library: any call fails': faced('fails'),
  'comes with the cookie of another library: any call is carried out, and its answer is lost': faced('loses'),
  'comes with the cookie of another library: any call fails, and so do all until the answer': faced(
    'fails',
    true,
  ),
  'comes with the cookie of another library: any call is carried out, and no answer arrives from then on':
    faced('loses', true),
  'comes with the cookie of another library: any call is carried out later than it is told to have failed':
    faced('lags'),
  'comes with the cookie of another library: the process dies at any call': faced('dies'),

  'comes with the cookie of another library, as another request does: all is in one session': async (
    layer,
    slow,
  ) => {
    let other: string | undefined
    const act = (stage: Stage) =>
      after(stage.second.open(OLD), (session) => {
        session.set('second', 1)
        return after(session.commit(), (line) => {
          other = line
        })
      })
    await between(layer, slow, act, async (stage, { told, setCookie }) => {
      expect(told).toBe('done')
      if (other === undefined) return
      expect(cookieHeader(setCookie)).toBe(cookieHeader(other))
      const both = { cart: ['tea'], first: 1, second: 1 }
      for (const cookie of [OLD, cookieHeader(other)]) expect(await stage.found(cookie)).toEqual(both)
      expect(stage.behind.all()).toHaveLength(1)
      other = undefined
    })
  },

  'comes with the cookie of another library, while an application of before changes the session: it stays':
    async (layer, slow) => {
      let saved = false
      const act = async (_: Stage, behind: ForeignStore) => {
        const change = { set: new Map([['theirs', '1']]) }
        const result = await behind.save(KEY, change)
        saved = result.outcome === 'saved' && !result.record.values.has('untorn:moved')
      }
      await between(layer, slow, act, async (stage, { told }) => {
        expect(told).toBe('done')
        const wanted = saved ? { cart: ['tea'], first: 1, theirs: 1 } : { cart: ['tea'], first: 1 }
        expect(await stage.found(OLD)).toEqual(wanted)
      })
    },

  'comes with the cookie of another library, while an application of before ends the session: it stays so':
    async (layer, slow) => {
      let ended = false
      const act = async (_: Stage, behind: ForeignStore) => {
        ended = await behind.delete(KEY)
      }
      await between(layer, slow, act, async (stage, { setCookie }) => {
        if (!ended) return
        ended = false
        expect(await stage.found(OLD)).toBeUndefined()
        if (setCookie === undefined) return
        expect(await stage.found(cookieHeader(setCookie))).not.toHaveProperty('cart')
      })
    },
}
