import { expect, test } from 'vitest'
import { startProvider } from './provider.ts'
import { onEach } from './sites.ts'

await onEach('passport-oauth2 with state and PKCE', 'passport-oauth2.js', ({ open, tears }) => {
  async function opened() {
    const provider = await startProvider()
    return { ...(await open({ provider: provider.url })), provider }
  }

  test('who comes back from the provider is signed in, under another id', async () => {
    const { browser, provider } = await opened()
    const there = await browser.get('/login')
    expect(there.location).toMatch(`${provider.url}/authorize`)
    expect(there.location).toMatch(/state=.+/)
    expect(there.location).toMatch(/code_challenge=.+&code_challenge_method=S256/)
    const before = browser.cookies.get('connect.sid')
    expect((await browser.follows(there.location!)).body).toEqual({ user: 'anna' })
    expect(provider.tokens).toBe(1)
    expect(browser.cookies.get('connect.sid')).not.toBe(before)
    await browser.post('/logout')
    expect(await browser.sees('/')).toEqual({ user: null })
  })

  test('another state, none, or one that was used is refused', async () => {
    const { browser, provider } = await opened()
    const { location } = await browser.get('/login')
    const { location: back } = await browser.get(location!)
    const forged = new URL(back!)
    forged.searchParams.set('state', 'another')
    const thief = browser.twin()
    thief.cookies.clear()
    expect(await thief.get(back!)).toMatchObject({ status: 403 })
    expect(await browser.get(forged.href)).toMatchObject({ status: 403 })
    // A state counts once, also after one that was wrong.
    expect(await browser.get(back!)).toMatchObject({ status: 403 })
    expect(provider.tokens).toBe(0)
    expect(await browser.sees('/')).toEqual({ user: null })
  })

  test('a code of another sign-in is refused by the provider, as its verifier is another one', async () => {
    const { browser, provider } = await opened()
    const thief = browser.twin()
    const stolen = new URL((await thief.get((await thief.get('/login')).location!)).location!)
    const back = new URL((await browser.get((await browser.get('/login')).location!)).location!)
    back.searchParams.set('code', stolen.searchParams.get('code')!)
    expect(await browser.get(back.href)).toMatchObject({ status: 500 })
    expect(provider.tokens).toBe(0)
    expect(await browser.sees('/')).toEqual({ user: null })
  })

  test('a sign-in that begins while a slow request is under way', async () => {
    const { browser, gate } = await opened()
    await browser.get('/put')
    let there: string | undefined
    const slow = browser.post('/put-slowly')
    await gate.hold(slow, async () => {
      there = (await browser.get('/login')).location
    })
    const answer = await browser.follows(there!)
    if (tears) expect(answer).toMatchObject({ status: 403 })
    else expect(answer.body).toEqual({ user: 'anna' })
  })

  test('a sign-out while a slow request is under way', async () => {
    const { browser, gate } = await opened()
    await browser.follows('/login')
    const old = browser.twin()
    await gate.hold(old.post('/put-slowly'), () => browser.post('/logout'))
    expect(await old.sees('/')).toEqual({ user: tears ? 'anna' : null })
    expect(await browser.sees('/')).toEqual({ user: null })
  })
})
