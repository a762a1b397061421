import { expect } from 'vitest'
import type { Session } from '../../../src/index.ts'
import type { Browser, Case, Shop } from '../shop.ts'
import { caught } from './fresh.ts'

/** Ada is signed in, with a cart, and somebody is not. What is done to them has left them as they were. */
async function unharmed(shop: Shop, work: (browsers: { ada: Browser; nobody: Browser }) => Promise<void>) {
  const [ada, nobody] = [await shop.signedIn('ada', { cart: ['tea'] }), shop.browser()]
  await nobody.visit((session) => session.set('cart', ['cup']))
  const [{ cookie }, handles] = [nobody, await shop.handles('ada')]
  await work({ ada, nobody })
  expect(await shop.handles('ada')).toEqual(handles)
  expect([await ada.owner(), await ada.values()]).toEqual(['ada', { cart: ['tea'] }])
  expect([await nobody.owner(), await nobody.values()]).toEqual([undefined, { cart: ['cup'] }])
  expect(nobody.cookie).toBe(cookie)
  expect(await shop.stored()).toHaveLength(2)
  expect(shop.endsTold()).toEqual([])
}

/** How a call fails, be it at once or later. */
const fails = (call: () => unknown) => caught(async () => call())(undefined)

const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })

const NO_OWNERS: [unknown, RegExp][] = [
  [undefined, /`owner`: a text is needed/],
  [null, /`owner`: a text is needed/],
  [5, /`owner`: a text is needed/],
  [true, /`owner`: a text is needed/],
  [{ id: 'ada' }, /`owner`: a text is needed/],
  [['ada'], /`owner`: a text is needed/],
  [Symbol('ada'), /`owner`: a text is needed/],
  [() => 'ada', /`owner`: a text is needed/],
  [new String('ada'), /`owner`: a text is needed/],
  ['', /`owner`: the name of a user is needed, such as their id/],
  ['x'.repeat(2049), /more than 2048 bytes; take a short name of the user, such as an id/],
  ['é'.repeat(1025), /more than 2048 bytes/],
]

const NO_OPTIONS: [unknown, string, RegExp][] = [
  [null, 'UNTORN_INVALID_OPTION', /options/],
  ['cart', 'UNTORN_INVALID_OPTION', /options/],
  [['cart'], 'UNTORN_INVALID_OPTION', /./],
  [{ keeps: ['cart'] }, 'UNTORN_INVALID_OPTION', /keeps/],
  [{ keep: 'cart' }, 'UNTORN_INVALID_OPTION', /`keep`: a list of names of values is needed/],
  [{ keep: new Set(['cart']) }, 'UNTORN_INVALID_OPTION', /`keep`: a list of names of values is needed/],
  [{ keep: { 0: 'cart', length: 1 } }, 'UNTORN_INVALID_OPTION', /`keep`: a list of names/],
  [{ keep: null }, 'UNTORN_INVALID_OPTION', /`keep`: a list of names/],
  [{ keep: true }, 'UNTORN_INVALID_OPTION', /`keep`: a list of names/],
  [{ keep: ['untorn:sign-in'] }, 'UNTORN_INVALID_OPTION', /`keep`: what begins with "untorn:"/],
  [{ keep: ['cart', 'untorn:expiry'] }, 'UNTORN_INVALID_OPTION', /`keep`: what begins with "untorn:"/],
  [{ keep: [5] }, 'UNTORN_INVALID_ARGUMENT', /name of a value is needed/],
  [{ keep: [undefined] }, 'UNTORN_INVALID_ARGUMENT', /name of a value is needed/],
]

/** Owners that are all different, however much they look like something else. */
export const ODD_OWNERS: Record<string, string> = {
  'a space': ' ',
  'two spaces': '  ',
  'a space in it': 'a b',
  'a line break': 'a\nb',
  'a name of objects': '__proto__',
  'another name of objects': 'constructor',
  JSON: '{"owner":"ada"}',
  'a text in JSON': '"ada"',
  'a list in JSON': '[null,"ada"]',
  'what the record has': 's ada.1',
  emoji: '👩‍💻',
  'é in one': '\u00e9',
  'é in two': 'e\u0301',
  capitals: 'Ada',
  NUL: 'ada\0',
  'NUL alone': '\0',
  'half a character': '\ud83d',
  'another half': '\udc69',
  'what halves are replaced by': '\ufffd',
  glob: '*',
  quotes: `'; drop table sessions; --`,
  'as long as can be': 'x'.repeat(2048),
  'of other bytes': 'é'.repeat(1024),
}

export const input: Record<string, Case> = {
  'what is no owner is refused, and nothing has happened': async (open) => {
    const shop = await open()
    await unharmed(shop, async ({ ada, nobody }) => {
      for (const [owner, message] of NO_OWNERS) {
        const wrong = refused('UNTORN_INVALID_ARGUMENT', message)
        for (const browser of [ada, nobody]) {
          const error = await browser.visit((session) => fails(() => session.login(owner as string)))
          expect(error).toEqual(wrong)
          expect(error).toBeInstanceOf(TypeError)
        }
        const { sessions } = shop
        expect(await fails(() => sessions.list(owner as string))).toEqual(wrong)
        expect(await fails(() => sessions.revoke(owner as string, 'x'))).toEqual(wrong)
        expect(await fails(() => sessions.revokeAll(owner as string))).toEqual(wrong)
      }
    })
  },

  'what is no option of login() is refused, and nothing has happened': async (open) => {
    const shop = await open()
    await unharmed(shop, async ({ ada, nobody }) => {
      for (const [options, code, message] of NO_OPTIONS) {
        for (const browser of [ada, nobody]) {
          const error = await browser.visit((session) => fails(() => session.login('bob', options as never)))
          expect(error).toEqual(refused(code, message))
        }
      }
    })
  },

  'what is no handle is refused, and nothing has happened': async (open) => {
    const shop = await open()
    await unharmed(shop, async ({ ada, nobody }) => {
      const wrong = refused('UNTORN_INVALID_ARGUMENT', /`handle`: the handle of a device is needed, a text/)
      for (const handle of [undefined, null, 5, {}, [], Symbol('x')] as never[]) {
        for (const browser of [ada, nobody]) {
          expect(await browser.visit((session: Session) => fails(() => session.revoke(handle)))).toEqual(
            wrong,
          )
        }
        expect(await fails(() => shop.sessions.revoke('ada', handle))).toEqual(wrong)
      }
      const [key] = (await shop.stored())[0]!
      for (const handle of [
        key,
        key.slice(0, 8),
        key.slice(1),
        `${key}0`,
        key.toUpperCase(),
        'x'.repeat(1e5),
      ]) {
        expect(await ada.visit((session) => session.revoke(handle))).toBe(false)
        expect(await shop.sessions.revoke('ada', handle)).toBe(false)
      }
    })
  },

  'no error shows what it was given': async (open) => {
    const shop = await open()
    const secret = 'x'.repeat(3000)
    const errors = await shop
      .browser()
      .visit(async (session) => [
        await fails(() => session.login(secret)),
        await fails(() => session.login('ada', { keep: [`untorn:${secret}`] })),
      ])
    for (const error of errors) expect((error as Error).message).not.toContain('xxxx')
  },

  'limits that are none are refused': async (open) => {
    for (const maxPerOwner of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', null]) {
      const error = await fails(() => open({ maxPerOwner: maxPerOwner as never }))
      expect(error).toEqual(refused('UNTORN_INVALID_OPTION', /`maxPerOwner`/))
    }
    for (const onMaxPerOwner of ['end-newest', '', true, null]) {
      const error = await fails(() => open({ maxPerOwner: 1, onMaxPerOwner: onMaxPerOwner as never }))
      expect(error).toEqual(refused('UNTORN_INVALID_OPTION', /`onMaxPerOwner`/))
    }
    const error = await fails(() => open({ describe: 'browser' as never }))
    expect(error).toEqual(refused('UNTORN_INVALID_OPTION', /`describe`/))
  },

  'owners of odd names are themselves, and nobody else': async (open) => {
    const shop = await open()
    const browsers = new Map<string, Browser>()
    for (const owner of Object.values(ODD_OWNERS)) browsers.set(owner, await shop.signedIn(owner))
    for (const [owner, browser] of browsers) {
      expect(await browser.owner()).toBe(owner)
      await browser.visit((session) => session.rotate())
      expect(await browser.owner()).toBe(owner)
      expect(await browser.visit((session) => session.devices())).toHaveLength(1)
    }
    const left = new Set(browsers.keys())
    for (const owner of browsers.keys()) {
      await shop.sessions.revokeAll(owner)
      left.delete(owner)
      expect((await shop.stored()).map(([, record]) => record.owner).sort()).toEqual([...left].sort())
    }
  },
}
