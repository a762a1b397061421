import { describe, expect, test } from 'vitest'
import type { RequestContext } from '../../src/index.ts'
import { cookieHeader, type Site, signedIn, site, valuesOf } from '../sessions/visit.ts'
import { bothKinds } from '../support/plain-store.ts'
import { warningTexts } from '../support/warnings.ts'

const warnings = warningTexts()

const gone = expect.objectContaining({ code: 'UNTORN_SESSION_GONE' })

/** A form of a page of another site, as a browser sends it. */
const form: RequestContext = {
  method: 'POST',
  fetchSite: 'cross-site',
  fetchMode: 'navigate',
  fetchDest: 'document',
}

const writes = async ({ sessions }: Site, context: RequestContext, cookie?: string) => {
  const session = await sessions.open(cookie, context)
  session.set('comment', 'hello')
  return session.commit()
}

const types = ({ events }: Site) => events.map(({ type }) => type)

describe.each(bothKinds)('a request that a page of another site has caused, on $kind', ({ slow }) => {
  test.each<[string, RequestContext]>([
    ['a form', form],
    ['a form, of which a service worker hides where it goes', { ...form, fetchDest: 'empty' }],
    ['a form, where nobody says how it came', { method: 'POST', fetchSite: 'cross-site' }],
    ['an image', { ...form, method: 'GET', fetchMode: 'no-cors', fetchDest: 'image' }],
    ['a script that asks by GET', { ...form, method: 'GET', fetchMode: 'cors', fetchDest: 'empty' }],
    ['a script that asks by HEAD', { ...form, method: 'HEAD', fetchMode: 'no-cors', fetchDest: 'empty' }],
    ['a script that posts', { ...form, fetchMode: 'no-cors', fetchDest: 'empty' }],
    ['a frame', { ...form, method: 'GET', fetchDest: 'iframe' }],
    ['an old frame', { ...form, method: 'GET', fetchDest: 'frame' }],
    ['a fenced frame', { ...form, method: 'GET', fetchDest: 'fencedframe' }],
    ['an object', { ...form, method: 'GET', fetchDest: 'object' }],
    ['an embed', { ...form, method: 'GET', fetchDest: 'embed' }],
    ['one of which nobody says the method', { fetchSite: 'cross-site', fetchMode: 'navigate' }],
  ])('%s: begins no session, and the event tells', async (_, context) => {
    const shop = site({ slow })
    expect(await writes(shop, context)).toBeUndefined()
    expect(shop.store.calls).toEqual([])
    expect(shop.events).toEqual([{ type: 'cross-site' }])
  })

  test.each<[string, RequestContext | undefined]>([
    ['a link that is followed', { ...form, method: 'GET' }],
    ['the same through a service worker', { ...form, method: 'GET', fetchDest: 'empty' }],
    ['the same, where nobody says how it came', { method: 'GET', fetchSite: 'cross-site', fetchMode: null }],
    ['the same, by HEAD', { ...form, method: 'HEAD' }],
    ['the same, in small letters', { ...form, method: 'get' }],
    ['a form of the site itself', { ...form, fetchSite: 'same-origin' }],
    ['a form of a subdomain', { ...form, fetchSite: 'same-site' }],
    ['a form that was sent again from the address line', { ...form, fetchSite: 'none' }],
    ['a form of a browser that says nothing', { method: 'POST', fetchSite: null }],
    ['a program that says nothing', { method: 'POST' }],
    ['one of which nothing is known', undefined],
  ])('%s: begins one as ever', async (_, context) => {
    const shop = site({ slow })
    expect(await writes(shop, context as RequestContext)).toBeDefined()
    expect(types(shop)).toEqual(['created'])
  })

  test('so whoever is signed in stays it: their cookie did not come along', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    expect(await writes(shop, form)).toBeUndefined()
    expect((await shop.sessions.open(cookie)).get('user')).toBe('ada')
    expect(shop.store.all()).toHaveLength(1)
  })

  test('who asks for a save, or for a session with nothing in it, is told that there is none', async () => {
    const shop = site({ slow })
    const session = await shop.sessions.open(undefined, form)
    session.set('comment', 'hello')
    await expect(async () => session.save()).rejects.toThrow(gone)
    expect([session.isNew, session.keys(), session.changed]).toEqual([true, [], false])
    await expect(async () => session.begin()).rejects.toThrow(gone)
    session.set('comment', 'again')
    await expect(async () => session.save()).rejects.toThrow(gone)
    expect(await session.commit()).toBeUndefined()
    expect(shop.store.calls).toEqual([])
    expect(types(shop)).toEqual(['cross-site', 'cross-site', 'cross-site'])
  })

  test.each<[string, boolean]>([
    ['before its values', true],
    ['after its values', false],
  ])('a sign-in gets its session: a new id was asked for, %s', async (_, first) => {
    const shop = site({ slow })
    const session = await shop.sessions.open(undefined, form)
    if (first) await session.rotate()
    session.set('user', 'ada')
    if (!first) await session.rotate()
    const cookie = cookieHeader(await session.commit())
    expect((await shop.sessions.open(cookie)).get('user')).toBe('ada')
    expect(types(shop)).toEqual(['created'])
  })

  test('a sign-in by name gets its session, and what is set behind it', async () => {
    const shop = site({ slow })
    const session = await shop.sessions.open(undefined, form)
    await session.login('ada')
    session.set('theme', 'dark')
    const cookie = cookieHeader(await session.commit())
    const next = await shop.sessions.open(cookie)
    expect([next.owner, next.get('theme')]).toEqual(['ada', 'dark'])
    expect(types(shop)).toEqual(['signed-in'])
  })

  test('a sign-in gets its session also after a save that did nothing', async () => {
    const shop = site({ slow })
    const session = await shop.sessions.open(undefined, form)
    session.set('token', 'x')
    await expect(async () => session.save()).rejects.toThrow(gone)
    await session.regenerate()
    session.set('user', 'ada')
    await session.save()
    expect(await session.commit()).toBeDefined()
    expect(valuesOf(shop.store)).toEqual({ user: 'ada' })
  })

  test('what only looks at the session is told nothing of it', async () => {
    const shop = site({ slow })
    const session = await shop.sessions.open(undefined, form)
    expect(session.get('user')).toBeUndefined()
    session.setExpiry('browser')
    await session.save()
    expect(await session.commit()).toBeUndefined()
    expect(shop.events).toEqual([])
  })

  test('a session whose cookie came along is saved, moved and ended as ever', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    await writes(shop, form, cookie)
    expect(valuesOf(shop.store)).toEqual({ user: 'ada', comment: 'hello' })
    const session = await shop.sessions.open(cookie, form)
    await session.regenerate()
    const next = cookieHeader(await session.commit())
    const last = await shop.sessions.open(next, form)
    await last.destroy()
    // Its cookie goes either way, so another one takes nobody's place.
    last.set('message', 'Goodbye')
    const farewell = cookieHeader(await last.commit())
    expect((await shop.sessions.open(farewell)).get('message')).toBe('Goodbye')
    expect(types(shop)).toEqual(['created', 'rotated', 'signed-out', 'created'])
  })

  test('who shows an id that was replaced begins nothing either, late or not', async () => {
    const shop = site({ slow })
    const cookie = await signedIn(shop)
    const session = await shop.sessions.open(cookie)
    await session.regenerate()
    await session.commit()
    shop.events.length = 0
    const minute = { ...form, arrivedAt: Date.now() + 60_000 }
    expect(await writes(shop, minute, cookie)).toBeUndefined()
    expect(types(shop)).toEqual(['replaced-id-used', 'cross-site'])
    await expect(async () => writes(shop, form, cookie)).rejects.toThrow(gone)
    expect(types(shop).slice(2)).toEqual(['replaced-id-used', 'gone'])
  })

  test("cookie.sameSite: 'none' switches it off, as the cookie comes along then; 'strict' does not", async () => {
    const none = site({ slow, cookie: { sameSite: 'none' } })
    expect(await writes(none, form)).toBeDefined()
    const strict = site({ slow, cookie: { sameSite: 'strict' } })
    expect(await writes(strict, form)).toBeUndefined()
    expect(types(strict)).toEqual(['cross-site'])
  })
})

test('a warning says once what a sign-in from another site has to call', async () => {
  const shop = site()
  await writes(shop, form)
  await writes(shop, form)
  expect(warnings).toEqual([expect.stringMatching(/login\(\)` or .*rotate\(\).*sameSite: 'none'/)])
})
