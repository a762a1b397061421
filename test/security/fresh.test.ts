import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Browser, type Site, site } from './site.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 0, 1)

const clockAt = (ms: number) => vi.setSystemTime(START + ms)

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: START }))
afterEach(() => void vi.useRealTimers())

/** A bank that asks again who somebody is, and what it has done. */
async function bank(): Promise<Site & { done: string[] }> {
  const done: string[] = []
  const served = await site({}, (app) => {
    app.post('/email', (req, res) => {
      req.session.requireFresh('10m')
      done.push('email')
      res.send('changed')
    })
    app.post('/transfer', (req, res) => {
      req.session.requireFresh('1m')
      done.push('transfer')
      res.send('sent')
    })
  })
  return { ...served, done }
}

const answers = async (browser: Browser, path: string) => (await browser.post(path)).status

describe('7.5.1 what signs people in is changed by who has just proved who they are', () => {
  test('not by an old session, and not by anybody else', async () => {
    const { signedIn, visitor, done } = await bank()
    const ada = await signedIn('ada')
    clockAt(10 * MINUTE)
    expect(await answers(ada, '/email')).toBe(200)
    clockAt(10 * MINUTE + 1)
    const refused = await ada.post('/email')
    expect(refused.status).toBe(401)
    expect(refused.text).toContain('FreshLoginRequiredError')
    expect(await answers(visitor(), '/email')).toBe(401)
    expect(done).toEqual(['email'])
    // Who they are is still known: for whoever asks for no more than that.
    expect(await ada.isSignedInAs()).toBe('ada')
    await ada.post('/confirm')
    expect(await answers(ada, '/email')).toBe(200)
    expect(done).toEqual(['email', 'email'])
  })
})

describe('7.5.3 what is highly sensitive needs a check of its own', () => {
  test('which use, a new id and another device of the same user are not', async () => {
    const { signedIn, done } = await bank()
    const [ada, elsewhere] = [await signedIn('ada'), await signedIn('ada')]
    clockAt(2 * MINUTE)
    await ada.post('/note')
    await ada.post('/rotate')
    await elsewhere.post('/confirm')
    expect(await answers(ada, '/transfer')).toBe(401)
    // As fresh as another step demands.
    expect(await answers(ada, '/email')).toBe(200)
    expect(await answers(elsewhere, '/transfer')).toBe(200)
    await ada.post('/confirm')
    expect(await answers(ada, '/transfer')).toBe(200)
    clockAt(4 * MINUTE)
    expect(await answers(ada, '/transfer')).toBe(401)
    expect(done).toEqual(['email', 'transfer', 'transfer'])
  })
})
