import { expect } from 'vitest'
import type { Application } from './application.ts'
import { account, signedIn } from './visits.ts'
import type { Behind, cuts } from './ways.ts'

/** What the server answers to a save that it has carried out. */
const SAVED = (chunk: Buffer): boolean => chunk.includes('saved')

/** The connection of one save breaks; the next requests find a server that is well. */
export async function cutInASave(
  when: (typeof cuts)[number],
  { proxy }: Behind,
  application: Application,
): Promise<void> {
  const visitor = await signedIn(application)
  const { cookie } = visitor
  for (const _ of [1, 2, 3]) {
    const before = await account(application, visitor)
    const { answer } = await application.waiting(visitor)
    const cut = proxy.cutOnce({ when, answer: SAVED })
    application.openGate()
    const notSent = answer.then(({ status }) => Promise.reject(new Error(`${status}, and nothing was sent.`)))
    await Promise.race([cut, notSent])
    notSent.catch(() => {})
    const { status, setCookies } = await answer
    expect([200, 503]).toContain(status)
    expect(setCookies).toEqual([])
    const { count } = await account(application, visitor)
    // One that failed may have been carried out, by a driver that sends it again: once.
    const done = status === 200 || when === 'after'
    expect(done ? [1] : [0, 1]).toContain(count! - before.count!)
    expect(visitor.cookie).toBe(cookie)
  }
}

const AT_ONCE = 12
const ROUNDS = 4

/** Every connection breaks while many requests are at every point of their way. */
export async function cutAtOnce({ proxy }: Behind, application: Application): Promise<void> {
  const visitor = await signedIn(application)
  for (let round = 0; round < ROUNDS; round++) {
    const before = await account(application, visitor)
    const asking = Array.from({ length: AT_ONCE }, () => application.get(visitor, '/count'))
    // Somewhere in the middle of them: after so many turns of the event loop.
    for (let turns = 0; turns < 2 + round * 4; turns++) await new Promise(setImmediate)
    proxy.cut()
    const answers = await Promise.all(asking)
    const { count } = await account(application, visitor)
    // An anonymous visitor begins to count anew.
    const saved = answers.filter(({ status, text }) => status === 200 && text !== '1')
    expect(count! - before.count!).toBeGreaterThanOrEqual(saved.length)
    expect(count! - before.count!).toBeLessThanOrEqual(AT_ONCE)
  }
}
