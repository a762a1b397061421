import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FormVisitor, ReadPage } from './form-visitor.ts'
import { type RunningExample, startExample } from './running-example.ts'

const STALLS = [
  'elysia',
  'fastify',
  'h3',
  'hono',
  'koa',
  'nest',
  'next',
  'nuxt',
  'react-router',
  'sveltekit',
  'tanstack-start',
]

/** Those that have another server for development. */
const IN_DEVELOPMENT = ['react-router', 'sveltekit', 'tanstack-start']

/** Those with a folder of their own: what is built is used by other tests, too, whose sessions have to stay. */
const ALONE = ['elysia', 'fastify', 'h3', 'hono', 'koa', 'sveltekit']

// Some are built as they start.
describe.each([
  ...STALLS.map((name) => [name, 'start', {}] as const),
  ['nest', 'start', { PLATFORM: 'fastify' }] as const,
  ...IN_DEVELOPMENT.map((name) => [name, 'dev', {}] as const),
])('the stall on %s, by npm run %s %o', { timeout: 60_000 }, (name, script, environment) => {
  let running: RunningExample | undefined
  let address = ''

  beforeAll(async () => {
    running = await startExample(name, script, environment)
    address = running.address
  }, 300_000)

  afterAll(() => running?.stop())

  test('keeps the cart of who signs in, and shows a message once', async () => {
    const visitor = new FormVisitor(address)
    expect((await visitor.open()).text).toContain('A tin of tea: 0 in your cart')
    expect((await visitor.send('Add A tin of tea')).text).toContain('A tin of tea: added to your cart.')
    expect((await visitor.open()).text).not.toContain('added to your cart.')
    const welcome = await visitor.send('Sign in', { name: '<Ada>' })
    expect(welcome.text).toContain('Welcome, <Ada>.')
    expect(welcome.hasMarkup('<Ada>')).toBe(false)
    expect(welcome.text).toContain('A tin of tea: 1 in your cart')
    expect((await visitor.send('Sign out')).text).toContain('A tin of tea: 0 in your cart')
  })

  test('keeps what two tabs save at the same time', async () => {
    const visitor = new FormVisitor(address)
    await visitor.open()
    await visitor.send('Add A cup')
    await Promise.all(['one', 'two'].map((tab) => visitor.post(`Note of tab ${tab}`, { text: `of ${tab}` })))
    const { text } = await visitor.open()
    expect(text).toContain('Tab one: of one')
    expect(text).toContain('Tab two: of two')
  })

  test('brings nobody back who signs out while a tab of theirs saves', async () => {
    const visitor = new FormVisitor(address)
    await visitor.open()
    await visitor.send('Sign in', { name: 'Ada' })
    const slow = visitor.post('Note of tab one', { text: 'late' })
    await delay(200)
    expect((await visitor.send('Sign out')).text).not.toContain('Signed in as')
    expect((await slow).status).toBe(303)
    expect((await visitor.open()).text).not.toContain('Signed in as')
  })

  test('refuses a name that is none, and a form of another site', async () => {
    const visitor = new FormVisitor(address)
    await visitor.open()
    const refused = await visitor.post('Sign in', { name: ' ' })
    // An action of Next.js has no status of its own: its page is shown again, and says it.
    if (name === 'next') expect(new ReadPage(await refused.text()).text).toContain('Who are you?')
    else expect(refused.status).toBe(400)
    // What is there for developers alone may let it in, as SvelteKit's does.
    if (script === 'start') {
      const foreign = await visitor.post('Sign in', { name: 'Eve' }, { from: 'https://elsewhere.example' })
      // React Router has a status of its own for it.
      expect(foreign.status).toBe(name === 'react-router' ? 400 : 403)
    }
    expect((await visitor.open()).text).not.toContain('Signed in as')
  })

  test('has no item but those that it offers', async () => {
    const visitor = new FormVisitor(address)
    const before = (await visitor.open()).text
    const { status } = await visitor.post('Add A pot', {}, { forged: ['pot', 'horse'] })
    expect([400, 404]).toContain(status)
    expect((await visitor.open()).text).toBe(before)
  })

  // A server for development shows whatever its pages are made of.
  test.runIf(script === 'start' && ALONE.includes(name))(
    'shows a stranger nothing of the store that it can not use',
    async () => {
      const { folder } = running!
      const [there, away] = ['.sessions', '.away'].map((each) => join(folder, each)) as [string, string]
      renameSync(there, away)
      try {
        const cookie = `sid=${'A'.repeat(43)}`
        const answer = await fetch(address, { headers: { cookie, accept: 'text/html' } })
        const text = await answer.text()
        expect(answer.status).toBeGreaterThanOrEqual(500)
        expect(text).not.toMatch(/\.sessions|Could not|UNTORN_STORE/)
        expect(text).not.toContain(folder)
      } finally {
        renameSync(away, there)
      }
    },
  )

  // Last, as nothing answers behind it.
  test.runIf(name === 'nest')('answers what is under way when it is told to end', async () => {
    const visitor = new FormVisitor(address)
    await visitor.open()
    await visitor.send('Add A cup')
    const slow = visitor.post('Note of tab one', { text: 'saved at the end' })
    await delay(200)
    running!.end()
    expect((await slow).status).toBe(303)
    await expect.poll(() => fetch(address).then(Boolean, () => false), { timeout: 20_000 }).toBe(false)
  })
})
