import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { SignInRevokedError, sessionKey } from '../../../src/index.ts'
import type { Browser, Case, OpenShop } from '../shop.ts'
import { caught } from './fresh.ts'

/** Three devices of Ada's and one of Bob's. */
async function signedIn(open: OpenShop) {
  const shop = await open()
  const browsers: Browser[] = []
  for (const owner of ['ada', 'ada', 'ada', 'bob']) browsers.push(await shop.signedIn(owner))
  const [phone, laptop, desk, bobs] = browsers as [Browser, Browser, Browser, Browser]
  // Those of the sign-ins are told.
  shop.events.length = 0
  return { shop, phone, laptop, desk, bobs }
}

const owners = (...browsers: Browser[]) => Promise.all(browsers.map((browser) => browser.owner()))
const handleOf = (browser: Browser) =>
  browser.visit(async (session) => (await session.devices()).find(({ current }) => current)?.handle as string)
const revoked = (why: string, owner = 'ada') => ({ type: 'revoked', owner, why })

/** What lets somebody in, a password, is looked at after its request has arrived. */
const LONG_AGO = () => ({ arrivedAt: Date.now() - 5000 })

export const devices: Record<string, Case> = {
  'a list says when each was signed in on and used, the latest first, and which asks': async (open) => {
    const { shop, laptop } = await signedIn(open)
    const now = Date.now()
    const list = await laptop.visit((session) => session.devices())
    expect(list).toHaveLength(3)
    expect(list.map(({ current }) => current)).toEqual([false, true, false])
    for (const device of list) {
      expect(device).toEqual({
        handle: expect.stringMatching(/^[\w-]{16}$/),
        createdAt: expect.any(Number),
        authenticatedAt: device.createdAt,
        lastUsedAt: expect.any(Number),
        expiresAt: expect.any(Number),
        current: device.current,
        about: undefined,
      })
      expect(Math.abs(device.createdAt - now)).toBeLessThan(60_000)
      expect(device.lastUsedAt).toBeGreaterThanOrEqual(device.createdAt)
      expect(device.expiresAt).toBeGreaterThan(now + 25 * 60_000)
    }
    const times = list.map(({ createdAt }) => createdAt)
    expect(times).toEqual([...times].sort((a, b) => b - a))
    const one = []
    for await (const device of shop.sessions.list('ada')) one.push(device)
    expect(one).toEqual(list.map((device) => ({ ...device, current: false })))
  },

  'nobody has devices who is not signed in': async (open) => {
    const shop = await open()
    const nobody = shop.browser()
    await nobody.visit((session) => session.set('cart', ['tea']))
    expect(await nobody.visit((session) => session.devices())).toEqual([])
    expect(await nobody.visit((session) => session.revoke('anything'))).toBe(false)
    expect(
      await caught((session: never) => (session as { revokeOthers(): unknown }).revokeOthers())(
        (await nobody.open()) as never,
      ),
    ).toMatchObject({ code: 'UNTORN_MISUSE' })
    expect(await shop.sessions.list('nobody')).toEqual([])
    expect(await shop.sessions.revoke('nobody', 'anything')).toBe(false)
    await shop.sessions.revokeAll('nobody')
    expect(await nobody.values()).toEqual({ cart: ['tea'] })
  },

  'a handle stays the same, whatever id the session has': async (open) => {
    const { shop, phone } = await signedIn(open)
    const before = await shop.handles('ada')
    const handle = await handleOf(phone)
    await phone.visit((session) => session.rotate())
    expect(await handleOf(phone)).toBe(handle)
    await phone.visit((session) => session.confirm())
    expect(await handleOf(phone)).toBe(handle)
    expect(await shop.handles('ada')).toEqual(before)
  },

  'no handle tells an id or a key, or anything of them': async (open) => {
    const { shop, phone, laptop, desk } = await signedIn(open)
    const secrets: string[] = []
    for (const browser of [phone, laptop, desk]) {
      const ids = await browser.visit(async (session) => {
        const { id } = session
        await session.rotate()
        return [id, session.id]
      })
      secrets.push(...ids, ...ids.map((id) => sessionKey(id)))
    }
    const handles = await shop.handles('ada')
    expect(new Set(handles).size).toBe(3)
    for (const handle of handles) {
      for (const secret of secrets) {
        expect(secret).not.toContain(handle)
        expect(handle).not.toContain(secret.slice(0, 8))
      }
      const asCookie = phone.copy()
      asCookie.cookie = phone.cookie!.replace(/=.*/, `=${handle}`)
      expect(await asCookie.owner()).toBeUndefined()
    }
  },

  'describe says what a device is': async (open) => {
    const said: unknown[] = []
    const shop = await open({
      describe: (request) => {
        said.push(request)
        return { browser: request?.agent ?? 'unknown' }
      },
    })
    const ada = shop.browser()
    const request = { agent: 'Firefox' }
    await ada.visit((session) => session.login('ada'), { request })
    await ada.visit((session) => session.rotate(), { request: { agent: 'Chrome' } })
    await ada.visit((session) => session.confirm())
    expect(said).toEqual([request])
    await shop.browser().visit((session) => session.login('ada'))
    const about = (await shop.sessions.list('ada')).map((device) => device.about)
    expect(about).toEqual([{ browser: 'unknown' }, { browser: 'Firefox' }])
  },

  'describe says too much, throws, or is late: it is left out, and told': async (open) => {
    const toMuch = 'é'.repeat(512)
    const answers: Record<string, () => unknown> = {
      'at most 1024 are kept': () => toMuch,
      'returned a promise': () => Promise.reject(new Error('late')),
      'no such header': () => {
        throw new TypeError('no such header')
      },
      circular: () => {
        const circle: Record<string, unknown> = {}
        circle.circle = circle
        return circle
      },
    }
    for (const [message, describe] of Object.entries(answers)) {
      const shop = await open({ describe })
      const ada = await shop.signedIn('ada')
      expect(await ada.owner()).toBe('ada')
      const errors = shop.events.filter((event) => event.type === 'error')
      expect(errors).toEqual([
        { type: 'error', error: expect.objectContaining({ message: expect.stringContaining(message) }) },
      ])
      const list = await ada.visit((session) => session.devices())
      expect(list[0]!.about).toBeUndefined()
      await ada.visit((session) => session.logout())
    }
    const shop = await open({ describe: () => toMuch.slice(1) })
    await shop.signedIn('ada')
    const [device] = await shop.sessions.list('ada')
    expect(device!.about).toBe(toMuch.slice(1))
    expect(shop.events.filter(({ type }) => type === 'error')).toEqual([])
  },

  'one that has expired is none': async (open) => {
    const { shop, phone, laptop } = await signedIn(open)
    const handle = await handleOf(phone)
    await phone.visit((session) => session.setExpiry('300ms'))
    await delay(450)
    expect(await shop.handles('ada')).not.toContain(handle)
    expect(await shop.handles('ada')).toHaveLength(2)
    expect(await owners(phone, laptop)).toEqual([undefined, 'ada'])
  },

  'one is ended by its handle, by its owner': async (open) => {
    const { shop, phone, laptop, desk } = await signedIn(open)
    const handle = await handleOf(laptop)
    const underWay = await laptop.open()
    expect(await phone.visit((session) => session.revoke(handle))).toBe(true)
    expect(shop.endsTold()).toEqual([revoked('device')])
    expect(await owners(phone, laptop, desk)).toEqual(['ada', undefined, 'ada'])
    expect(await shop.handles('ada')).toHaveLength(2)
    underWay.set('cart', [])
    expect(await caught(() => underWay.save())(undefined)).toMatchObject({ code: 'UNTORN_SESSION_GONE' })
    expect(await phone.visit((session) => session.revoke(handle))).toBe(false)
  },

  'its own: it is gone then': async (open) => {
    const { shop, phone, laptop } = await signedIn(open)
    const handle = await handleOf(phone)
    await phone.visit(async (session) => {
      expect(await session.revoke(handle)).toBe(true)
      expect(session.owner).toBeUndefined()
      expect(session.expiresAt).toBe(0)
    })
    expect(await owners(phone, laptop)).toEqual([undefined, 'ada'])
    expect(await shop.handles('ada')).toHaveLength(2)
  },

  'also one that has another id since, or is being given one': async (open) => {
    const { phone, laptop, desk } = await signedIn(open)
    const handle = await handleOf(laptop)
    const before = laptop.copy()
    await laptop.visit((session) => session.rotate())
    const underWay = await laptop.open()
    await Promise.allSettled([
      (async () => underWay.rotate())(),
      phone.visit((session) => session.revoke(handle)),
    ])
    await laptop.receive(underWay).catch(() => {})
    expect(await owners(phone, laptop, desk, before)).toEqual(['ada', undefined, 'ada', undefined])
  },

  'a handle that is somebody else’s, or nobody’s, ends nothing': async (open) => {
    const { shop, phone, laptop, desk, bobs } = await signedIn(open)
    const [handle] = await shop.handles('bob')
    const keys = (await shop.stored()).map(([key]) => key)
    const ids = [await bobs.visit((session) => session.id), await phone.visit((session) => session.id)]
    const wrong = [handle!, 'nothing', '', ' ', 'epoch', '__proto__', '.', ...keys, ...ids]
    for (const each of wrong) {
      expect(await phone.visit((session) => session.revoke(each))).toBe(false)
      expect(await shop.sessions.revoke('ada', each)).toBe(false)
      expect(await shop.sessions.revoke('carol', each)).toBe(false)
    }
    expect(await owners(phone, laptop, desk, bobs)).toEqual(['ada', 'ada', 'ada', 'bob'])
    expect(shop.endsTold()).toEqual([])
  },

  'an administrator ends one': async (open) => {
    const { shop, phone, laptop, desk } = await signedIn(open)
    const handle = await handleOf(desk)
    expect(await shop.sessions.revoke('bob', handle)).toBe(false)
    expect(await shop.sessions.revoke('ada', handle)).toBe(true)
    expect(await shop.sessions.revoke('ada', handle)).toBe(false)
    expect(await owners(phone, laptop, desk)).toEqual(['ada', 'ada', undefined])
    expect(shop.endsTold()).toEqual([revoked('device')])
  },

  'all but one end, also one that is being given a new id': async (open) => {
    const { shop, phone, laptop, desk, bobs } = await signedIn(open)
    const underWay = await desk.open()
    const handle = await handleOf(phone)
    const done = (async () => underWay.rotate())().catch(() => {})
    expect(await phone.visit((session) => session.revokeOthers())).toBe(true)
    await done
    await desk.receive(underWay).catch(() => {})
    expect(await owners(phone, laptop, desk, bobs)).toEqual(['ada', undefined, undefined, 'bob'])
    expect(await shop.handles('ada')).toEqual([handle])
    // Of the one that is being given a new id two records may be there.
    const told = shop.endsTold()
    expect([2, 3]).toContain(told.length)
    expect(told).toEqual(told.map(() => revoked('others')))
    await phone.visit((session) => session.rotate())
    expect(await phone.owner()).toBe('ada')
    const again = await shop.signedIn('ada')
    expect(await owners(phone, again)).toEqual(['ada', 'ada'])
  },

  'one that was ended itself ends no others': async (open) => {
    const { shop, phone, laptop, desk } = await signedIn(open)
    const underWay = await phone.open()
    const handle = await handleOf(phone)
    await laptop.visit((session) => session.revoke(handle))
    expect(await underWay.revokeOthers()).toBe(false)
    expect(underWay.owner).toBeUndefined()
    expect(await owners(laptop, desk)).toEqual(['ada', 'ada'])
    expect(await shop.handles('ada')).toHaveLength(2)
  },

  'all of an owner end, and they can sign in again at once, in another process': async (open) => {
    const { shop, phone, laptop, desk, bobs } = await signedIn(open)
    const other = await open()
    await phone.visit((session) => session.rotate())
    await shop.sessions.revokeAll('ada')
    expect(await owners(phone, laptop, desk, bobs)).toEqual([undefined, undefined, undefined, 'bob'])
    expect(await shop.handles('ada')).toEqual([])
    expect(shop.endsTold()).toEqual([revoked('all'), revoked('all'), revoked('all')])
    for (let time = 0; time < 10; time++) {
      const again = await other.signedIn('ada')
      await again.visit((session) => session.rotate())
      expect(await again.owner()).toBe('ada')
      expect(await shop.handles('ada')).toHaveLength(1)
      await shop.sessions.revokeAll('ada')
      expect(await again.owner()).toBeUndefined()
    }
  },

  'a sign-in that was under way then does not count': async (open) => {
    const { shop, phone, bobs } = await signedIn(open)
    const signing = await bobs.open(LONG_AGO())
    await shop.sessions.revokeAll('ada')
    const error = await caught(() => signing.login('ada'))(undefined)
    expect(error).toBeInstanceOf(SignInRevokedError)
    expect(error).toMatchObject({ code: 'UNTORN_SIGN_IN_REVOKED', status: 401 })
    await bobs.receive(signing)
    expect(await owners(phone, bobs)).toEqual([undefined, 'bob'])
    expect(await shop.handles('ada')).toEqual([])
    expect(await shop.handles('bob')).toHaveLength(1)
    expect(await shop.stored()).toHaveLength(1)
  },

  'a new password: who sets it signs in, and all others end': async (open) => {
    const { shop, phone, laptop, desk } = await signedIn(open)
    const wrong = shop.browser()
    const error = await wrong.visit(async (session) => {
      await shop.sessions.revokeAll('bob')
      return caught(() => session.login('bob'))(undefined)
    }, LONG_AGO())
    expect(error).toMatchObject({ message: expect.stringContaining('`login()` first, then') })
    await phone.visit(async (session) => {
      await session.login('ada')
      expect(await session.revokeOthers()).toBe(true)
    })
    expect(await owners(phone, laptop, desk)).toEqual(['ada', undefined, undefined])
    expect(await shop.handles('ada')).toHaveLength(1)
  },

  'whatever overlaps with it is over, or was told so': async (open) => {
    for (let round = 0; round < 5; round++) {
      const { shop, phone, laptop } = await signedIn(open)
      const fresh = shop.browser()
      const [rotating, saving, signing] = [await phone.open(), await laptop.open(), await fresh.open()]
      saving.set('cart', ['tea'])
      const outcomes = Promise.allSettled([
        (async () => rotating.rotate())(),
        (async () => saving.save())(),
        (async () => signing.login('ada'))(),
      ])
      await shop.sessions.revokeAll('ada')
      const [, , signed] = await outcomes
      await phone.receive(rotating).catch(() => {})
      await laptop.receive(saving).catch(() => {})
      if (signed.status === 'rejected') expect(signed.reason).toBeInstanceOf(SignInRevokedError)
      await fresh.receive(signing)
      expect(await owners(phone, laptop)).toEqual([undefined, undefined])
      if (signed.status === 'rejected') expect(await fresh.owner()).toBeUndefined()
      await shop.sessions.revokeAll('ada')
      await shop.sessions.revokeAll('bob')
      expect(await fresh.owner()).toBeUndefined()
    }
  },

  'everybody is signed out: who is not signed in keeps what they have': async (open) => {
    const { shop, phone, laptop, desk, bobs } = await signedIn(open)
    const nobody = shop.browser()
    await nobody.visit((session) => session.set('cart', ['tea']))
    const [rotating, signing] = [await desk.open(), await shop.browser().open(LONG_AGO())]
    await shop.sessions.revokeEverything()
    expect(await caught(() => rotating.rotate())(undefined)).toMatchObject({ code: 'UNTORN_SESSION_GONE' })
    expect(await caught(() => signing.login('ada'))(undefined)).toBeInstanceOf(SignInRevokedError)
    expect(await owners(phone, laptop, desk, bobs)).toEqual([undefined, undefined, undefined, undefined])
    expect(await nobody.values()).toEqual({ cart: ['tea'] })
    expect(await shop.stored()).toHaveLength(1)
    const told = shop.endsTold()
    expect(told).toHaveLength(4)
    expect(told).toEqual(expect.arrayContaining([revoked('everything'), revoked('everything', 'bob')]))
    for (const again of [await shop.signedIn('ada'), await (await open()).signedIn('bob')]) {
      await again.visit((session) => session.rotate())
      expect(await again.owner()).toBeDefined()
    }
  },

  'what is stored beside sessions is not counted, listed, or cleared': async (open) => {
    const { shop, phone, laptop } = await signedIn(open)
    await phone.visit((session) => session.rotate())
    await laptop.visit((session) => session.login('ada'))
    await shop.sessions.revokeEverything()
    const [one, other] = [await shop.signedIn('ada'), await shop.signedIn('bob')]
    const nobody = shop.browser()
    await nobody.visit((session) => session.set('cart', []))
    expect((await shop.stored()).map(([, { owner }]) => owner).sort()).toEqual(['ada', 'bob', undefined])
    // What was ended may count for a while.
    expect(await shop.sessions.count()).toBeGreaterThanOrEqual(3)
    expect(await shop.sessions.clear()).toBe(3)
    expect(await shop.stored()).toEqual([])
    expect(await owners(one, other)).toEqual([undefined, undefined])
    expect(await shop.handles('ada')).toEqual([])
    const again = await shop.signedIn('ada')
    expect(await again.owner()).toBe('ada')
    expect(await shop.handles('ada')).toHaveLength(1)
  },

  'events tell of each end in its order, with the owner and why': async (open) => {
    const { shop, phone, laptop, desk, bobs } = await signedIn(open)
    const handle = await handleOf(laptop)
    await desk.visit((session) => session.logout())
    await phone.visit((session) => session.revoke(handle))
    await laptop.visit((session) => session.login('ada'))
    await phone.visit((session) => session.revokeOthers())
    await bobs.visit((session) => session.destroy())
    await shop.sessions.revokeAll('ada')
    await laptop.visitMuchLater((session) => session.login('ada'))
    await shop.sessions.revokeEverything()
    expect(shop.endsTold()).toEqual([
      { type: 'signed-out', owner: 'ada' },
      revoked('device'),
      revoked('others'),
      { type: 'signed-out', owner: 'bob' },
      revoked('all'),
      revoked('everything'),
    ])
  },
}
