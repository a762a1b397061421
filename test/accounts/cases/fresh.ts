import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { FreshLoginRequiredError, InvalidOptionError, MisuseError } from '../../../src/index.ts'
import type { Case } from '../shop.ts'

export const fresh: Record<string, Case> = {
  'a new id keeps the owner, the values, and when they signed in': async (open) => {
    const shop = await open()
    const ada = await shop.signedIn('ada', { cart: ['tea'] })
    const about = () =>
      ada.visit(({ id, owner, createdAt, authenticatedAt }) => ({ id, owner, createdAt, authenticatedAt }))
    const before = await about()
    await delay(10)
    await ada.visit((session) => session.rotate())
    const after = await about()
    expect(after).toEqual({ ...before, id: after.id })
    expect(after.id).not.toBe(before.id)
    expect(await ada.values()).toEqual({ cart: ['tea'] })
    expect(await shop.stored()).toHaveLength(1)
  },

  'whoever has just signed in need not do it again, whoever has not must': async (open) => {
    const shop = await open()
    const ada = await shop.signedIn('ada')
    await ada.visit((session) => session.requireFresh('10m'))
    await ada.visit((session) => session.rotate())
    await delay(60)
    await ada.visit((session) => {
      session.requireFresh('10m')
      expect(() => session.requireFresh('30ms')).toThrow(FreshLoginRequiredError)
    })
    const nobody = shop.browser()
    await nobody.visit((session) => session.set('cart', []))
    for (const browser of [nobody, shop.browser()]) {
      const error = await browser.visit(caught((session) => session.requireFresh('10m')))
      expect(error).toBeInstanceOf(FreshLoginRequiredError)
      expect(error).toMatchObject({ code: 'UNTORN_FRESH_LOGIN_REQUIRED', status: 401 })
    }
  },

  'what is no length of time is refused, whoever asks': async (open) => {
    const shop = await open()
    const ada = await shop.signedIn('ada')
    for (const maxAge of ['soon', '', '-1m', 999, -1, 0, Number.NaN, null, undefined, {}, new Date()]) {
      for (const browser of [ada, shop.browser()]) {
        const error = await browser.visit(caught((session) => session.requireFresh(maxAge as never)))
        expect(error).toBeInstanceOf(InvalidOptionError)
        expect(error).toMatchObject({ option: 'maxAge' })
      }
    }
  },

  'to confirm without an owner is misuse, and changes nothing': async (open) => {
    const shop = await open()
    const nobody = shop.browser()
    await nobody.visit((session) => session.set('cart', ['tea']))
    const { cookie } = nobody
    const error = await nobody.visit(caught((session) => session.confirm()))
    expect(error).toBeInstanceOf(MisuseError)
    expect(nobody.cookie).toBe(cookie)
    expect(await nobody.values()).toEqual({ cart: ['tea'] })
  },

  'to confirm where the owner was not set by login() is misuse, too: nothing says that anybody has signed in':
    async (open) => {
      const shop = await open()
      const ada = shop.browser()
      await ada.visit((session) => session.set('cart', ['tea']))
      const [key] = (await shop.stored())[0]!
      await shop.store.save(key, { owner: 'ada' })
      const { cookie } = ada
      const error = await ada.visit(caught((session) => session.confirm()))
      expect(error).toBeInstanceOf(MisuseError)
      expect(error).toMatchObject({ message: expect.stringContaining('not by `login()`') })
      expect(ada.cookie).toBe(cookie)
      await ada.visit((session) => session.login('ada', { keep: ['cart'] }))
      await ada.visit((session) => session.confirm())
      expect(await ada.values()).toEqual({ cart: ['tea'] })
    },

  'confirm(): asked again, with a new id; all else stays': async (open) => {
    const shop = await open()
    const ada = await shop.signedIn('ada', { cart: ['tea'] })
    const [before, handle] = [ada.copy(), (await shop.handles('ada'))[0]]
    const createdAt = await ada.visit((session) => session.createdAt)
    await delay(60)
    await ada.visit(async (session) => {
      expect(() => session.requireFresh('30ms')).toThrow(FreshLoginRequiredError)
      session.set('theme', 'dark')
      await session.confirm()
      expect(session.authenticatedAt).toBeGreaterThan(createdAt)
    })
    await ada.visit((session) => {
      expect(session.createdAt).toBe(createdAt)
      expect(session.authenticatedAt).toBeGreaterThanOrEqual(createdAt + 50)
      expect(session.owner).toBe('ada')
      expect(session.toJSON()).toEqual({ cart: ['tea'], theme: 'dark' })
    })
    expect(await before.visitMuchLater((session) => session.owner)).toBeUndefined()
    const [device] = await shop.sessions.list('ada')
    expect(device).toMatchObject({ handle, createdAt })
    expect(device!.authenticatedAt).toBeGreaterThan(createdAt)
  },
}

/** What a handler throws. */
export function caught<S>(work: (session: S) => unknown): (session: S) => Promise<unknown> {
  return async (session) => {
    try {
      await work(session)
    } catch (error) {
      return error
    }
    throw new Error('It did not throw.')
  }
}
