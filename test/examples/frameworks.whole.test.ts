import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningStall, startStall } from './running-stall.ts'

/** One browser: it has the cookies that it was given, and sends its forms as a page of the site does. */
class Visitor {
  readonly #address: string
  #cookie = ''

  constructor(address: string) {
    this.#address = address
  }

  async open(path = '/'): Promise<string> {
    return (await this.#ask(path)).text()
  }

  /** What the page says once it is shown behind a form. */
  async send(path: string, values: Record<string, string> = {}): Promise<string> {
    const answer = await this.post(path, values)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/'])
    return this.open()
  }

  post(path: string, values: Record<string, string> = {}, site = 'same-origin'): Promise<Response> {
    const origin = site === 'same-origin' ? this.#address : 'https://elsewhere.example'
    const headers = { origin, 'sec-fetch-site': site }
    return this.#ask(path, { method: 'POST', body: new URLSearchParams(values), headers })
  }

  async #ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...init.headers, cookie: this.#cookie }
    const answer = await fetch(this.#address + path, { ...init, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) this.#cookie = line.split(';', 1)[0]!
    return answer
  }
}

describe.each(['elysia', 'fastify', 'h3', 'hono', 'koa'])('the stall on %s', (name) => {
  let stall: RunningStall
  let address = ''

  beforeAll(async () => {
    stall = await startStall(name)
    address = stall.address
  })

  afterAll(() => stall.stop())

  test('keeps the cart of who signs in, and shows a message once', async () => {
    const visitor = new Visitor(address)
    expect(await visitor.open()).toContain('A tin of tea: 0 in your cart')
    expect(await visitor.send('/cart/tea')).toContain('A tin of tea: added to your cart.')
    expect(await visitor.open()).not.toContain('added to your cart.')
    const welcome = await visitor.send('/sign-in', { name: '<Ada>' })
    expect(welcome).toContain('Welcome, &#60;Ada&#62;.')
    expect(welcome).toContain('A tin of tea: 1 in your cart')
    expect(await visitor.send('/sign-out')).toContain('A tin of tea: 0 in your cart')
  })

  test('keeps what two tabs save at the same time', async () => {
    const visitor = new Visitor(address)
    await visitor.send('/cart/cup')
    await Promise.all(['one', 'two'].map((tab) => visitor.post(`/notes/${tab}`, { text: `of ${tab}` })))
    const page = await visitor.open()
    expect(page).toContain('Tab one: of one')
    expect(page).toContain('Tab two: of two')
  })

  test('brings nobody back who signs out while a tab of theirs saves', async () => {
    const visitor = new Visitor(address)
    await visitor.send('/sign-in', { name: 'Ada' })
    const slow = visitor.post('/notes/one', { text: 'late' })
    await new Promise((resolve) => setTimeout(resolve, 200))
    const after = await visitor.send('/sign-out')
    expect(after).not.toContain('Signed in as')
    expect((await slow).status).toBe(303)
    expect(await visitor.open()).not.toContain('Signed in as')
  })

  test('refuses what there is not, and a form of another site', async () => {
    const visitor = new Visitor(address)
    expect((await visitor.post('/cart/horse')).status).toBe(404)
    expect((await visitor.post('/sign-in')).status).toBe(400)
    expect((await visitor.post('/sign-in', { name: 'Eve' }, 'cross-site')).status).toBe(403)
    expect(await visitor.open()).not.toContain('Signed in as')
  })
})
