import { expect } from 'vitest'
import { cookieHeader } from '../../sessions/visit.ts'
import { asksForNewId } from '../../support/new-id.ts'
import type { Plan } from './faulty-store.ts'
import { BEFORE, type Layer, type Scenario, Stage, signIn } from './stage.ts'

/** Its mark is set, and then nothing answers any more. */
const UNDECIDED: Plan = { at: 1, fault: 'loses', lasts: true }

async function undecided(layer: Layer, slow: boolean) {
  const stage = new Stage(layer, slow)
  const cookie = await stage.visitor()
  const { session, told, setCookie } = await stage.faced(cookie, UNDECIDED, signIn)
  expect({ told, setCookie }).toEqual({ told: 'error', setCookie: undefined })
  return { stage, cookie, session }
}

/** A new id of which nobody knows whether it was taken, and what comes next. */
export const UNDECIDED_MOVES: Readonly<Record<string, Scenario>> = {
  'an undecided new id, and a sign-out with the old one: final': async (layer, slow) => {
    const { stage, cookie } = await undecided(layer, slow)
    const logout = await stage.second.open(cookie)
    await logout.destroy()
    stage.store.heal()
    await stage.settled(async () => {
      expect(await stage.found(cookie)).toBeUndefined()
      expect(stage.behind.all()).toEqual([])
    })
  },

  'an undecided new id, and another sign-in with the old one: that is dead': async (layer, slow) => {
    const { stage, cookie } = await undecided(layer, slow)
    const again = await stage.second.open(cookie)
    signIn(again)
    const next = cookieHeader(await again.commit())
    stage.store.heal()
    await stage.settled(async () => {
      expect(await stage.found(cookie)).toBeUndefined()
      expect(await stage.found(next)).toEqual({ user: 'ada' })
      expect(stage.behind.all()).toHaveLength(1)
    })
  },

  'an undecided new id, and a sign-out by one whose session was found gone: final': async (layer, slow) => {
    for (const who of ['another', 'itself'] as const) {
      const stage = new Stage(layer, slow)
      const cookie = await stage.visitor()
      const other = await stage.second.open(cookie)
      const { session } = await stage.faced(cookie, UNDECIDED, signIn)
      if (who === 'itself') stage.store.heal()
      const out = who === 'another' ? other : session
      await expect((async () => out.reload())()).rejects.toThrow(layer.errors.SessionGoneError)
      await out.destroy()
      await out.commit()
      stage.store.heal()
      await stage.settled(async () => {
        expect(await stage.found(cookie)).toBeUndefined()
        expect(stage.behind.all()).toEqual([])
      })
    }
  },

  'a new id that is not noted, and undecided, and a sign-out with the old one: final': async (
    layer,
    slow,
  ) => {
    const { stage, cookie } = await undecided(layer, slow)
    expect(stage.behind.notes()).toEqual([])
    await (await stage.second.open(cookie, { arrivedAt: Date.now() + 3_600_000 })).destroy()
    stage.store.heal()
    await stage.settled(async () => {
      expect(await stage.found(cookie)).toBeUndefined()
    })
  },

  'an undecided new id, and one that another request takes and sets nothing: the old one is dead': async (
    layer,
    slow,
  ) => {
    const { stage, cookie } = await undecided(layer, slow)
    const other = await stage.second.open(cookie)
    asksForNewId(other)
    await other.commit()
    stage.store.heal()
    await stage.settled(async () => {
      expect(await stage.found(cookie)).toBeUndefined()
    })
  },

  'an undecided new id, and another sign-in that can not end the old record: it is told, and tried again':
    async (layer, slow) => {
      const { stage, cookie } = await undecided(layer, slow)
      const again = await stage.second.open(cookie)
      stage.behind.failing.set('delete', new layer.errors.StoreUnavailableError('No answer.'))
      const { told, setCookie } = await stage.answered(again, signIn)
      expect(told).toBe('error')
      expect(setCookie).toBeDefined()
      stage.behind.failing.clear()
      expect((await stage.answered(again, () => {})).told).toBe('done')
      stage.store.heal()
      await stage.settled(async () => {
        expect(await stage.found(cookie)).toBeUndefined()
      })
    },

  'an undecided new id that its request then decides, and can not note: the old one is dead': async (
    layer,
    slow,
  ) => {
    const { stage, cookie, session } = await undecided(layer, slow)
    stage.store.heal()
    const { create } = stage.store
    stage.store.create = (key, record) => {
      if (record.values.has('untorn:replaced')) throw new layer.errors.StoreUnavailableError('No answer.')
      return create.call(stage.store, key, record)
    }
    const { told, setCookie } = await stage.answered(session, () => {})
    expect(told).toBe('done')
    await stage.settled(async () => {
      expect(await stage.found(cookie)).toBeUndefined()
      expect(await stage.found(cookieHeader(setCookie))).toEqual({ ...BEFORE, user: 'ada' })
    })
  },

  'a move that is taken back late undoes no later one': async (layer, slow) => {
    const { stage, cookie, session } = await undecided(layer, slow)
    stage.store.heal()
    const failure = new layer.errors.StoreUnavailableError('The connection broke.')
    let late: (() => unknown) | undefined
    const { save } = stage.store
    stage.store.save = (key, change, options) => {
      if (late !== undefined || !change.delete?.includes('untorn:moved')) {
        return save.call(stage.store, key, change, options)
      }
      // Told to have failed, and on its way.
      late = () => save.call(stage.store, key, change, options)
      throw failure
    }
    stage.store.delete = () => {
      throw failure
    }
    await expect.poll(() => late).toBeDefined()
    const { told, setCookie } = await stage.answered(session, () => {})
    expect(told).toBe('done')
    await late?.()
    expect(await stage.found(cookie)).toBeUndefined()
    expect(await stage.found(cookieHeader(setCookie))).toEqual({ ...BEFORE, user: 'ada' })
  },

  'a store that takes no changes for a while, and sets the mark later than it is told': async (
    layer,
    slow,
  ) => {
    if (!slow) return
    const stage = new Stage(layer, slow)
    const cookie = await stage.visitor()
    let late: (() => unknown) | undefined
    const { save } = stage.behind
    stage.behind.save = (key, change, options) => {
      if (change.set?.has('untorn:moved') && late === undefined) {
        late = () => save.call(stage.behind, key, change, options)
        return Promise.reject(new layer.errors.StoreUnavailableError('The connection broke.'))
      }
      if (late === undefined) return save.call(stage.behind, key, change, options)
      return Promise.reject(new layer.errors.StoreUnavailableError('The memory is full.'))
    }
    expect((await stage.answered(await stage.first.open(cookie), signIn)).told).toBe('error')
    stage.behind.save = save
    await late?.()
    await stage.settled(async () => {
      expect(await stage.found(cookie)).toEqual(BEFORE)
      expect(stage.behind.all()).toHaveLength(1)
    })
  },

  'an undecided new id that its request then decides, with what was set meanwhile': async (layer, slow) => {
    const { stage, cookie, session } = await undecided(layer, slow)
    stage.store.heal()
    session.set('later', true)
    const next = cookieHeader(await session.commit())
    await stage.settled(async () => {
      expect(await stage.found(next)).toEqual({ ...BEFORE, user: 'ada', later: true })
      expect(await stage.found(cookie)).toBeUndefined()
      expect(stage.behind.all()).toHaveLength(1)
    })
  },
}
