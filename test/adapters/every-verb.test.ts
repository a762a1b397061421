import { expect, test } from 'vitest'
import { SessionMethods } from '../../src/adapters/request/session-methods.ts'
import { SessionView } from '../../src/session/view.ts'
import { startChild } from '../support/child.ts'
import { inWhole } from '../support/whole.ts'
import { afterHead, type Case, casesOf, type Facts, type Told, type Verb } from './support/verbs/cases.ts'

// Every method that there is: a later one is gone through as well.
const methods = [SessionView, SessionMethods].flatMap(({ prototype }) =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function')
    .map(([name]) => name),
)
const NEW_ID = ['regenerate', 'rotate']
const ENDS = ['destroy', 'logout']

/** In the short run of every two cases that differ by the store alone each host has one. */
const HOSTS = inWhole<[host: string, half?: 0 | 1][]>(
  [['node:http'], ['Express 4'], ['Express 5']],
  [
    ['node:http', 0],
    ['Express 5', 1],
  ],
)

test.each(HOSTS)(
  '%s: whatever a handler calls, however it waits, whatever its session meets: the process lives, and nobody is told what is not so',
  async (host, half) => {
    const script = new URL('children/every-verb.ts', import.meta.url)
    const child = startChild(script, host, methods.join(','), ...(half === undefined ? [] : [String(half)]))
    const verbs: Verb[] = JSON.parse(await child.line())
    expect(verbs.filter(({ asks }) => asks).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['save', 'regenerate', 'destroy', 'reload', 'touch', 'take']),
    )
    let count = 0
    const found: string[] = []
    for (let line = await child.line(); line !== 'done'; line = await child.line()) {
      const one: Case = JSON.parse(line)
      const facts: Facts = JSON.parse(
        await child.line().catch((error: Error) => {
          throw new Error(`${error.message} It was at ${nameOf(one)}.`)
        }),
      )
      found.push(...lies(facts, host).map((lie) => `${nameOf(one)}: ${lie}`))
      count++
    }
    await child.ended()
    expect(found).toEqual([])
    expect(count).toBe(casesOf(verbs, half).length)
    expect(count).toBeGreaterThan(300)
  },
)

function nameOf({ verb, how, meets, store }: Case): string {
  return `${verb}(), ${how}, meets ${meets}; a store that answers ${store}`
}

/** What is not so of all that somebody was told. */
function lies(facts: Facts, host: string): string[] {
  const { next } = facts
  const found = next.status === 200 ? [] : [`the next request was answered with ${next.status}`]
  return [...found, ...wrongAnswer(facts, host), ...wrongState(facts)]
}

const storeFails = ({ meets }: Case) => meets.includes('store')
const leaves = ({ meets }: Case) => meets.startsWith('a client that leaves')
const elsewhere = ({ meets }: Case) => meets.endsWith('in another tab')

function wrongAnswer({ case: one, answer }: Facts, host: string): string[] {
  const { verb, how, store } = one
  const refused = NEW_ID.includes(verb) && how === 'awaited after the head has left'
  if (answer === undefined) {
    // A store that answers at once throws at once, and that is the handler's, who did not wait.
    const fails = storeFails(one) && (how.startsWith('awaited') || (verb === 'take' && store === 'at once'))
    return (afterHead(one) && (fails || refused)) || leaves(one) ? [] : ['the answer was cut off']
  }
  if (answer.status === 200) return []
  if (answer.status !== 500) return [`status ${answer.status}`]
  // Behind the application's error handler, whose answer can not be saved either, stands that of Express.
  const text =
    host === 'node:http' ? /^Internal Server Error\n$/ : /^failed: UNTORN_STORE_UNAVAILABLE$|^<!DOCTYPE/
  if (!text.test(answer.text)) return [`500 with the text ${answer.text}`]
  return storeFails(one) ? [] : ['500, and nothing had failed']
}

/** What the answer says of the session, and what there is of it. */
function wrongState({ case: one, answer, next, stored, errors }: Facts): string[] {
  const { verb, how, meets } = one
  const found: string[] = []
  const mine = stored.filter(({ user }) => user === one.n)
  if (meets === 'a sign-out in another tab' && mine.length > 0) found.push('who signed out is back')
  if (meets === 'a sign-in in another tab' && mine.length !== 1) found.push(`${mine.length} sign-ins`)
  if (answer === undefined || answer.status !== 200) return found

  const { value, code }: Told = JSON.parse(answer.text.replace('begun ', ''))
  const waited = how.startsWith('awaited') || how === 'with a callback'
  const ended = value === false || code === 'UNTORN_SESSION_GONE'
  if (ended && !elsewhere(one)) found.push('it is gone, says the method')
  if (ended && (answer.cookies.length > 0 || stored.some(({ after }) => after === one.n))) {
    found.push('saved although it is gone')
  }
  // Asked for a new id it begins anew, where another request was faster with that.
  const anew = NEW_ID.includes(verb) && meets === 'a sign-in in another tab'
  if (['save', ...NEW_ID, 'reload'].includes(verb) && waited && elsewhere(one) && !code && ended === anew) {
    found.push(anew ? 'it did not begin anew, says the method' : 'it is there, says the method')
  }
  if (anew && waited && !code && next.session.after !== one.n) found.push('what was set after it is lost')
  if (elsewhere(one) || code !== undefined) return found

  // From here on an answer of 200 says that all was done, but for what it could not wait for.
  const lost = !waited && afterHead(one) && storeFails(one)
  if (lost) return errors > 0 || !fails(one) ? found : [...found, 'it failed, and no event tells']
  if (ENDS.includes(verb) && mine.length > 0) found.push('it was not ended')
  if (verb === 'save' && next.session.more !== one.n) found.push('what it saved is lost')
  // It drops what is changed until it is done.
  if (verb === 'reload' && !waited) return found
  if (!afterHead(one) && next.session.after !== one.n) found.push('what was set after it is lost')
  const drops = [...ENDS, 'reload'].includes(verb) || verb.includes('clear')
  if (!drops && next.session.before !== one.n) found.push('what was set before it is lost')
  return found
}

/** Whether the method meets the store in what fails there. */
function fails({ verb, meets }: Case): boolean {
  if (verb === 'reload') return meets !== 'a store that can not be written'
  return ['save', ...ENDS, 'take', 'once'].includes(verb) && meets !== 'a store that can not be read'
}
