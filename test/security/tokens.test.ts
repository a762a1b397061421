import { afterEach, describe, expect, test, vi } from 'vitest'
import { site, whoAre } from './site.ts'
import { onEachStore, sessionsIn } from './stores.ts'

afterEach(() => void vi.restoreAllMocks())

const ID = /^[A-Za-z0-9_-]{43}$/

/** An id that differs in one character. */
const changed = (id: string, at: number) => id.slice(0, at) + (id[at] === 'A' ? 'B' : 'A') + id.slice(at + 1)

await onEachStore((empty) => {
  describe('7.2.1 the server decides who somebody is, at each request', () => {
    test('by what is in the store, whatever the cookie says', async () => {
      const { visitor } = await site({ store: (await empty())() })
      const ada = visitor()
      await ada.post('/sign-in/ada')
      expect(await ada.isSignedInAs()).toBe('ada')
      const claims = ['ada', '{"user":"ada"}', Buffer.from('{"user":"ada"}').toString('base64url')]
      const nearly = [0, 21, 42].map((at) => changed(ada.id!, at))
      const mallory = visitor()
      for (const claim of [...claims, ...nearly, `${ada.id}A`, ada.id!.slice(1), ada.id!.toLowerCase(), '']) {
        expect((await mallory.get('/me', { cookie: `__Host-sid=${claim}` })).text).toBe('nobody')
      }
      expect(await ada.isSignedInAs()).toBe('ada')
    })

    test('a session that one process has ended is over for the others, though its cookie is still there', async () => {
      const open = await empty()
      const [here, there] = [await site({ store: open() }), await site({ store: open() })]
      const ada = await here.signedIn('ada')
      const copy = there.copyOf(ada)
      expect(await copy.isSignedInAs()).toBe('ada')
      await ada.post('/sign-out')
      expect(await copy.isSignedInAs()).toBe('nobody')
    })
  })

  describe('7.2.2 each session has a token of its own, made when it begins', () => {
    test('no two are the same, of one visitor or of several', async () => {
      const { visitor, signedIn } = await site({ store: (await empty())() })
      const ids: (string | undefined)[] = []
      const ada = visitor()
      for (let i = 0; i < 5; i++) {
        await ada.post('/sign-in/ada')
        ids.push(ada.id)
        await ada.post('/sign-out')
        ids.push((await signedIn('ada')).id)
      }
      for (const id of ids) expect(id).toMatch(ID)
      expect(new Set(ids).size).toBe(10)
    })

    test('one that a client brings along never becomes one', async () => {
      const { visitor } = await site({ store: (await empty())() })
      const ada = visitor()
      const planted = 'planted-by-somebody-who-waits-for-a-sign-in'
      expect(planted).toMatch(ID)
      ada.id = planted
      await ada.post('/note')
      expect(ada.id).toMatch(ID)
      expect(ada.id).not.toBe(planted)
      ada.id = planted
      await ada.post('/sign-in/ada')
      const mallory = visitor()
      mallory.id = planted
      expect(await mallory.isSignedInAs()).toBe('nobody')
      expect(await ada.isSignedInAs()).toBe('ada')
    })
  })

  describe('7.2.4 whoever signs in gets a new token, and the old one is worth nothing', () => {
    test('one that somebody has planted, though a session was behind it', async () => {
      const { visitor, copyOf } = await site({ store: (await empty())() })
      const mallory = visitor()
      await mallory.post('/note')
      const ada = copyOf(mallory)
      await ada.post('/sign-in/ada')
      expect(ada.id).toMatch(ID)
      expect(ada.id).not.toBe(mallory.id)
      expect(await whoAre([ada, mallory])).toEqual(['ada', 'nobody'])
    })

    test.each(['/confirm', '/sign-in/ada', '/sign-in/bob'])(
      'also with %s, by who is signed in',
      async (again) => {
        const open = await empty()
        const [here, there] = [await site({ store: open() }), await site({ store: open() })]
        const ada = await here.signedIn('ada')
        const before = there.copyOf(ada)
        await ada.post(again)
        expect(ada.id).toMatch(ID)
        expect(ada.id).not.toBe(before.id)
        expect(await whoAre([ada, before])).toEqual([again.endsWith('bob') ? 'bob' : 'ada', 'nobody'])
        expect(await sessionsIn(here.sessions.store)).toBe(1)
      },
    )
  })
})

describe('7.2.3 a token is 256 bits from the generator of the system', () => {
  test('each of them is set in half of all tokens, and none follows from the time or from Math.random', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    vi.spyOn(Date, 'now').mockReturnValue(Date.now())
    const { visitor } = await site()
    const tokens = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const somebody = visitor()
        await somebody.post('/note')
        return Buffer.from(somebody.id!, 'base64url')
      }),
    )
    for (const token of tokens) expect(token).toHaveLength(32)
    expect(new Set(tokens.map((token) => token.toString('hex'))).size).toBe(100)
    for (let bit = 0; bit < 256; bit++) {
      const set = tokens.filter((token) => (token[bit >> 3]! >> (bit & 7)) & 1).length
      // Half of them, and seven standard deviations.
      expect(Math.abs(set - 50)).toBeLessThan(35)
    }
  })
})
