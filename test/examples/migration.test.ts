import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { whole } from '../support/whole.ts'
import { Project, type RunningStall, StallVisitor, startStall } from './stall.ts'

const PAGE = readFileSync(
  fileURLToPath(new URL('../../docs/migrating-from-express-session.md', import.meta.url)),
  'utf8',
)

/** The code blocks of a language, in their order. */
function blocks(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code!)
}

const [importLine, taken, finished, back, onward] = blocks('diff') as [string, string, string, string, string]
const [before] = blocks('js') as [string]

/** The source with what a block changes in it, part by part; fails where it has no such lines. */
function changed(source: string, diff: string): string {
  let text = source
  for (const part of diff.trim().split(/\n\n+/)) {
    const lines = part.split('\n')
    const side = (sign: string): string =>
      lines.flatMap((line) => (line.startsWith(sign) ? [`${line.slice(1)}\n`] : [])).join('')
    expect(text.split(side('-')), `${side('-')} is there once`).toHaveLength(2)
    text = text.replace(side('-'), () => side('+'))
  }
  return text.replace(/\n{3,}/g, '\n\n')
}

/** The application of the page in a project of its own, which runs by one file and goes on at the same address. */
class Application {
  readonly project = new Project()
  #running: RunningStall | undefined
  #port = 0

  constructor(source: string) {
    onTestFinished(() => {
      this.#running?.kill()
      this.project.remove()
    })
    this.project.write('server.js', source)
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  change(diff: string): void {
    this.project.write('server.js', changed(this.project.read('server.js'), diff))
  }

  async start(): Promise<void> {
    this.#running = await startStall(this.project, 'server.js', this.#port)
    this.#port = Number(new URL(this.#running.address).port)
  }

  async stop(): Promise<void> {
    expect(await this.#running?.stop()).toBe(0)
  }

  /** As a reader does it: stop, change the file, start. */
  async changeBy(diff: string): Promise<void> {
    await this.stop()
    this.change(diff)
    await this.start()
  }

  signIn(name: string): Promise<StallVisitor> {
    return signedIn(this.address, name)
  }
}

async function signedIn(address: string, name: string): Promise<StallVisitor> {
  const visitor = new StallVisitor()
  expect(await visitor.signIn(address, name)).toBe(303)
  expect(await visitor.values(address)).toMatchObject({ user: name })
  return visitor
}

/** Puts things into their cart one after the other until told to stop, as if nothing happened to the server meanwhile. */
function keepsAdding(
  visitor: StallVisitor,
  address: string,
): () => Promise<{ answered: number; tried: number }> {
  let stopped = false
  const counts = { answered: 0, tried: 0 }
  const adding = (async () => {
    while (!stopped) {
      // A server that is just not there refuses; nobody was answered then.
      const status = await visitor.post(address, '/cart/fern/add').catch(() => undefined)
      counts.tried++
      if (status === undefined) await new Promise((resolve) => setTimeout(resolve, 20))
      else {
        expect(status).toBe(303)
        counts.answered++
      }
    }
  })()
  return async () => {
    stopped = true
    await adding
    return counts
  }
}

const testInWhole = whole ? test : () => {}

describe('the page on migrating from express-session', () => {
  test('all of its code is run here', () => {
    expect(blocks('diff')).toHaveLength(5)
    expect(blocks('js')).toHaveLength(1)
    expect(blocks('ts')).toHaveLength(0)
    expect(blocks('sh')).toHaveLength(0)
  })

  test('its application is that of the example, before and after', () => {
    const project = new Project()
    onTestFinished(() => project.remove())
    expect(project.read('express-session.js')).toBe(before)
    expect(project.read('untorn.js')).toBe(changed(before, taken))
  })

  test('one line is enough', async () => {
    const application = new Application(
      before.replace(/^import sessionFileStore.*\n|^const FileStore.*\n|^ {2}store: .*\n/gm, ''),
    )
    application.change(importLine)
    await application.start()
    const ada = await application.signIn('Ada')
    await application.stop()
    await application.start()
    expect(await ada.values(application.address)).toMatchObject({ user: 'Ada' })
  })

  test.runIf(whole)(
    'who is signed in stays so, all the way there and back, and who signs out is out for good',
    async () => {
      const application = new Application(before)
      await application.start()
      const { address, project } = application
      const [ada, grace, edsger] = [
        await application.signIn('Ada'),
        await application.signIn('Grace'),
        await application.signIn('Edsger'),
      ]
      const cookies = [ada, grace, edsger].map(({ cookie }) => cookie)
      const oldFiles = () => readdirSync(project.path('sessions')).filter((name) => name.endsWith('.json'))
      expect(oldFiles()).toHaveLength(3)
      await ada.post(address, '/cart/bell/add')
      const stopAdding = keepsAdding(ada, address)

      await application.changeBy(taken)
      expect(await grace.values(address)).toMatchObject({ user: 'Grace' })
      expect(await ada.values(address)).toMatchObject({ user: 'Ada', cart: { bell: 1 } })
      expect([ada.cookie, grace.cookie]).toEqual(cookies.slice(0, 2))

      // Out for good, though the old file is there: now, and in the next process.
      const thief = grace.twin()
      expect(await grace.post(address, '/sign-out')).toBe(303)
      expect(oldFiles()).toHaveLength(3)
      const isOut = async () => expect(await thief.values(address)).toEqual({})
      await isOut()
      await application.stop()
      await application.start()
      await isOut()

      const newcomer = await application.signIn('Grace')
      const { answered, tried } = await stopAdding()
      const { cart } = (await ada.values(address)) as { cart: { bell: number; fern: number } }
      expect(answered).toBeGreaterThan(2)
      expect(cart.bell).toBe(1)
      expect(cart.fern).toBeGreaterThanOrEqual(answered)
      expect(cart.fern).toBeLessThanOrEqual(tried)

      await application.changeBy(back)
      expect(await ada.values(address)).toMatchObject({ user: 'Ada', cart })
      expect(await newcomer.values(address)).toMatchObject({ user: 'Grace' })
      expect(await edsger.values(address)).toMatchObject({ user: 'Edsger' })
      expect(await ada.post(address, '/cart/bell/add')).toBe(303)
      expect(await ada.values(address)).toMatchObject({ cart: { bell: 2, fern: cart.fern } })
      await isOut()
      expect([ada.cookie, edsger.cookie]).toEqual([cookies[0], cookies[2]])
      await application.stop()
    },
  )

  testInWhole(
    'the old store can be taken away in time, and then the drop-in, and nobody is signed out',
    async () => {
      const application = new Application(before)
      await application.start()
      const { address } = application
      const [ada, grace] = [await application.signIn('Ada'), await application.signIn('Grace')]
      await application.changeBy(taken)
      await ada.post(address, '/cart/kite/add')
      await application.changeBy(finished)
      expect(await ada.values(address)).toMatchObject({ user: 'Ada', cart: { kite: 1 } })
      // She had not come while both were there.
      expect(await grace.values(address)).toEqual({})
      expect(existsSync(application.project.path('.sessions'))).toBe(true)

      await application.changeBy(onward)
      const { cookie } = ada
      expect(await ada.values(address)).toMatchObject({ user: 'Ada', cart: { kite: 1 } })
      expect(ada.cookie).not.toBe(cookie)
      await ada.post(address, '/cart/kite/add')
      expect(await ada.values(address)).toMatchObject({ cart: { kite: 2 } })
      await application.stop()
    },
  )
})
