import { expect } from 'vitest'
import type { Session } from '../../../src/index.ts'
import { cookieHeader } from '../../sessions/visit.ts'
import { type Scenario, Stage, signIn } from './stage.ts'

/** Requests of one visitor that overlap with a new id, or with a sign-out. */
export const OVERLAPPING: Readonly<Record<string, Scenario>> = {
  'a sign-out, and two that had opened before ask for a new id: both stay signed out': async (
    layer,
    slow,
  ) => {
    const stage = new Stage(layer, slow)
    const cookie = await stage.visitor()
    const open = () => stage.second.open(cookie)
    const [out, first, second] = [await open(), await open(), await open()]
    await out.destroy()
    for (const session of [first, second]) expect((await stage.answered(session, signIn)).told).toBe('gone')
    expect(stage.behind.all()).toEqual([])
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
    // Its copy, the mark, the note, and then the removal.
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

  'a second click that updates what it had changed in place: nothing that was read goes along': async (
    layer,
    slow,
  ) => {
    const stage = new Stage(layer, slow)
    const cookie = await stage.visitor()
    const [first, second] = [await stage.first.open(cookie), await stage.second.open(cookie)]
    await stage.answered(first, signIn)
    const { setCookie } = await stage.answered(second, (session) => {
      session.get('cart').push('mine')
      session.update('cart', (cart: string[] = []) => [...cart, 'more'])
      session.update('basket', (items: string[] = []) => items).push('milk')
      signIn(session)
    })
    expect(await stage.found(cookieHeader(setCookie))).toEqual({ user: 'ada', basket: ['milk'] })
  },

  'a second click with what can not begin anew: it is told gone': async (layer, slow) => {
    const breaks = (session: Session) => void session.update('cart', (cart: string[]) => [...cart, 'milk'])
    const saves = async (session: Session) => {
      session.set('own', 1)
      await session.save()
    }
    for (const [before, after, then] of [
      [undefined, breaks, 'done'],
      [saves, undefined, 'gone'],
    ] as const) {
      const stage = new Stage(layer, slow)
      const cookie = await stage.visitor()
      const [first, second] = [await stage.first.open(cookie), await stage.second.open(cookie)]
      await before?.(second)
      await stage.answered(first, signIn)
      after?.(second)
      expect((await stage.answered(second, signIn)).told).toBe('gone')
      expect(stage.behind.all()).toHaveLength(1)
      // What could not begin anew is dropped by then.
      expect((await stage.answered(second, signIn)).told).toBe(then)
    }
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

  'a dead cookie, and a page whose requests overlap: who only reads leaves the cookie of who began': async (
    layer,
    slow,
  ) => {
    const begins = (session: Session) => session.set('token', 't')
    const reads = (session: Session) => void session.get('token')
    for (const readerOpens of ['before', 'after']) {
      const stage = new Stage(layer, slow)
      const cookie = await stage.visitor()
      await (await stage.first.open(cookie)).destroy()
      const early = await stage.second.open(cookie)
      expect((await stage.answered(await stage.first.open(cookie), begins)).told).toBe('done')
      const reader = readerOpens === 'before' ? early : await stage.second.open(cookie)
      expect(await stage.answered(reader, reads)).toEqual({ told: 'done', setCookie: undefined })
    }
  },

  'two cookies that are both live: nothing is stored, and a sign-in or a sign-out ends both': async (
    layer,
    slow,
  ) => {
    const signsOut = (session: Session) => session.destroy()
    for (const [act, told, left] of [
      [(session: Session) => session.set('cart', []), 'gone', 2],
      [signIn, 'done', 1],
      [signsOut, 'done', 0],
    ] as const) {
      const stage = new Stage(layer, slow)
      const [one, other] = [await stage.visitor(), await stage.visitor()]
      const session = await stage.first.open(`${one}; ${other}`)
      expect([session.isNew, session.keys()]).toEqual([true, []])
      expect((await stage.answered(session, act)).told).toBe(told)
      expect(stage.behind.all()).toHaveLength(left)
    }
  },

  'two cookies that are both live, and a sign-in of which any call fails: in the end both are dead': async (
    layer,
    slow,
  ) => {
    for (let at = 0, met = true; met; at++) {
      const stage = new Stage(layer, slow)
      const [one, other] = [await stage.visitor(), await stage.visitor()]
      const { session, told, setCookie } = await stage.faced(
        `${one}; ${other}`,
        { at, fault: 'fails' },
        signIn,
      )
      met = stage.store.met
      // The answer is an error, with the cookie of what is stored already; the commit of it is tried once more.
      const cookie = setCookie ?? (await session.commit())
      await session.commit()
      expect(told).toBe(met ? 'error' : 'done')
      expect(stage.behind.all()).toHaveLength(1)
      expect(await stage.found(`${one}; ${other}; ${cookieHeader(cookie)}`)).toEqual({ user: 'ada' })
    }
  },
}
