import { STATUS_CODES } from 'node:http'
import { expect, test } from 'vitest'
import { SessionMethods } from '../../src/adapters/request/session-methods.ts'
import { ValuesView } from '../../src/session/values-view.ts'
import { SessionView } from '../../src/session/view.ts'
import { startChild } from '../support/child.ts'
import { inWhole } from '../support/whole.ts'
import {
  afterHead,
  type Case,
  casesOf,
  type Facts,
  refusesAnonymous,
  type Told,
  type Verb,
} from './support/verbs/cases.ts'
import { wrongDevices, wrongOwner } from './support/verbs/whose.ts'

// Every method that there is: a later one is gone through as well.
const methods = [ValuesView, SessionView, SessionMethods].flatMap(({ prototype }) =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function')
    .map(([name]) => name),
)
const NEW_ID = ['regenerate', 'rotate']
/** They need a cookie that follows. */
const NEED_COOKIE = [...NEW_ID, 'login', 'confirm']
const ENDS = ['destroy', 'logout']

/** In the short run of every two cases that differ by the store alone there is one, on node:http, which Express stands on. */
const HOSTS = inWhole<[host: string, part?: 0 | 1][]>(
  [['node:http'], ['Express 4'], ['Express 5']],
  [['node:http', 0]],
)

test.each(HOSTS)(
  '%s: whatever a handler calls, however it waits, whatever its session meets: the process lives, and nobody is told what is not so',
  async (host, part) => {
    const script = new URL('children/every-verb.ts', import.meta.url)
    const child = startChild(script, host, methods.join(','), ...(part === undefined ? [] : [String(part)]))
    const verbs: Verb[] = JSON.parse(await child.line())
    expect(verbs.filter(({ asks }) => asks).map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...['save', 'regenerate', 'destroy', 'reload', 'touch', 'take'],
        ...['login', 'confirm', 'revoke', 'revokeOthers', 'devices'],
      ]),
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
    expect(count).toBe(casesOf(verbs, part).length)
    expect(count).toBeGreaterThan(300)
  },
  900_000,
)

function nameOf({ verb, how, meets, store, owned }: Case): string {
  return `${verb}(), ${how}, meets ${meets}; a store that answers ${store}${owned ? ', signed in' : ''}`
}

/** What is not so of all that somebody was told. */
function lies(facts: Facts, host: string): string[] {
  const { next } = facts
  const found = next.status === 200 ? [] : [`the next request was answered with ${next.status}`]
  return [...found, ...wrongAnswer(facts, host), ...wrongState(facts), ...wrongOwner(facts)]
}

const storeFails = ({ meets }: Case) => meets.includes('store')
const leaves = ({ meets }: Case) => meets.startsWith('a client that leaves')
const elsewhere = ({ meets }: Case) => meets.endsWith('in another tab')

function wrongAnswer({ case: one, answer }: Facts, host: string): string[] {
  const { verb, how, store } = one
  const refused = NEED_COOKIE.includes(verb) && how === 'awaited after the head has left'
  const mistaken = refusesAnonymous(one) && how.startsWith('awaited')
  if (answer === undefined) {
    // A store that answers at once throws at once, and that is the handler's, who did not wait.
    const fails = storeFails(one) && (how.startsWith('awaited') || (verb === 'take' && store === 'at once'))
    return (afterHead(one) && (fails || refused || mistaken)) || leaves(one) ? [] : ['the answer was cut off']
  }
  if (answer.status === 200) return mistaken ? ['nobody has signed in, and it was done'] : []
  const { status, code } = !mistaken ? UNAVAILABLE : verb === 'requireFresh' ? STALE : MISUSE
  if (answer.status !== status) return [`status ${answer.status}`]
  // Behind the application's error handler, whose answer can not be saved either, stands that of Express.
  const text =
    host === 'node:http'
      ? new RegExp(`^${STATUS_CODES[status]}\n$`)
      : new RegExp(`^failed: ${code}$|^<!DOCTYPE`)
  if (!text.test(answer.text)) return [`${status} with the text ${answer.text}`]
  return storeFails(one) || mistaken ? [] : [`${status}, and nothing had failed`]
}

const UNAVAILABLE = { status: 503, code: 'UNTORN_STORE_UNAVAILABLE' }
const STALE = { status: 401, code: 'UNTORN_FRESH_LOGIN_REQUIRED' }
const MISUSE = { status: 500, code: 'UNTORN_MISUSE' }

/** What the answer says of the session, and what there is of it. */
function wrongState(facts: Facts): string[] {
  const { case: one, answer, stored } = facts
  const { verb, how, meets } = one
  const found: string[] = []
  const mine = stored.filter(({ user }) => user === one.n)
  if (verb !== 'login') {
    if (meets === 'a sign-out in another tab' && mine.length > 0) found.push('who signed out is back')
    // Where they have signed in before, the two are one device, which signs out together.
    const signIns = ENDS.includes(verb) && one.owned ? 0 : 1
    if (meets === 'a sign-in in another tab' && mine.length !== signIns) found.push(`${mine.length} sign-ins`)
  }
  if (answer === undefined || answer.status !== 200) return found

  const told: Told = JSON.parse(answer.text.replace('begun ', ''))
  const waited = how.startsWith('awaited') || how === 'with a callback'
  found.push(...wronglyGone(facts, told, waited), ...wrongDevices(facts, told, waited))
  if ((elsewhere(one) && verb !== 'login') || told.code !== undefined) return found
  return [...found, ...notDone(facts, mine.length, waited)]
}

/** What the method says of whether the session is still there. */
function wronglyGone({ case: one, answer, next, stored }: Facts, told: Told, waited: boolean): string[] {
  const { verb, meets, owned } = one
  const { value, code } = told
  const found: string[] = []
  // Of another device.
  if (verb.startsWith('revoke')) return found
  const ended = value === false || code === 'UNTORN_SESSION_GONE'
  if (ended && !elsewhere(one)) found.push('it is gone, says the method')
  if (ended && (answer!.cookies.length > 0 || stored.some(({ after }) => after === one.n))) {
    found.push('saved although it is gone')
  }
  // Asked for a new id it begins anew, where another request was faster with that; but not in the place of a sign-in.
  const anew = NEW_ID.includes(verb) && meets === 'a sign-in in another tab' && !owned
  const tells = ['save', ...NEW_ID, 'confirm', 'reload'].includes(verb)
  if (tells && waited && elsewhere(one) && !code && ended === anew) {
    found.push(anew ? 'it did not begin anew, says the method' : 'it is there, says the method')
  }
  if (anew && waited && !code && next.session.after !== one.n) found.push('what was set after it is lost')
  return found
}

/** An answer of 200 says that all was done, but for what it could not wait for. */
function notDone({ case: one, answer, next, errors }: Facts, mine: number, waited: boolean): string[] {
  const { verb } = one
  const found: string[] = []
  const needsCookie = NEED_COOKIE.includes(verb) && !refusesAnonymous(one)
  if (needsCookie && afterHead(one) && errors === 0) found.push('it was refused, and no event tells')
  const lost = !waited && afterHead(one) && storeFails(one)
  if (lost) return errors > 0 || !fails(one) ? found : [...found, 'it failed, and no event tells']
  if (refusesAnonymous(one) && errors === 0) found.push('nobody has signed in, and no event tells')
  if (needsCookie && !afterHead(one) && answer!.cookies.length === 0)
    found.push('no cookie brings the new id')
  if (ENDS.includes(verb) && mine > 0) found.push('it was not ended')
  if (verb === 'save' && next.session.more !== one.n) found.push('what it saved is lost')
  // They drop what is changed until they are done.
  if (['reload', 'login'].includes(verb) && !waited) return found
  if (!afterHead(one) && next.session.after !== one.n) found.push('what was set after it is lost')
  const drops = [...ENDS, 'reload'].includes(verb) || verb.includes('clear')
  if (!drops && next.session.before !== one.n) found.push('what was set before it is lost')
  return found
}

/** Whether the method meets the store in what fails there. */
function fails({ verb, meets, owned }: Case): boolean {
  if (verb === 'reload') return meets !== 'a store that can not be written'
  if (verb.startsWith('revoke')) return owned
  return ['save', ...ENDS, 'take', 'once'].includes(verb) && meets !== 'a store that can not be read'
}
