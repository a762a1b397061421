import type { Answer } from '../../../adapters/support/server.ts'
import type { Visitor } from '../../../adapters/support/visitor.ts'
import type { Application, Policy } from '../application.ts'
import { until } from '../until.ts'
import { type Account, account, signedIn } from '../visits.ts'

/** What one request came to of which the server's answers were lost in part. */
export interface Outcome {
  policy: Policy
  answer: Answer
  /** What the visitor's session held before; `{}`: he had none. */
  before: Account
  /** Whether the visitor has a cookie now. */
  hasCookie: boolean
  /** What the cookie that he has now finds; `{}`: nothing. */
  finds: Account
  /** What the cookie finds that he had before. */
  findsByOld: Account
}

/** Something that a visitor does, and what of it must hold whatever is lost. */
export interface Route {
  title: string
  path: string
  /** A visitor who is about to do so. */
  visitor(application: Application): Promise<Visitor>
  /** What is wrong, if anything is. */
  wrong(outcome: Outcome): string | false
  /** The only policy that the short run asks of it. Default: each. */
  inShort?: Policy
}

const nothing = (account: Account): boolean => Object.keys(account).length === 0

const same = (one: Account, other: Account): boolean =>
  (['user', 'count', 'left', 'right', 'seen', 'notice'] as const).every((name) => one[name] === other[name])

/** A session that was begun by signing in. */
const isSignedIn = ({ user, count, left, right }: Account): boolean =>
  user === 'ada' && count === 0 && left === 'new' && right === 'new'

async function newcomer(application: Application): Promise<Visitor> {
  return application.visitor()
}

/** Somebody who has a session, and has not signed in. */
async function anonymous(application: Application): Promise<Visitor> {
  const visitor = application.visitor()
  await until('seen', async () => {
    await application.get(visitor, '/seen')
    return visitor.cookie !== ''
  })
  return visitor
}

/** Nobody else is answered the number that comes next: an anonymous visitor begins with 1. */
async function counted(application: Application): Promise<Visitor> {
  const visitor = await signedIn(application)
  await until('counted', async () => {
    await application.get(visitor, '/count')
    return (await account(application, visitor)).count! > 0
  })
  return visitor
}

async function withNotice(application: Application): Promise<Visitor> {
  const visitor = await signedIn(application)
  await until('set', async () => {
    await application.get(visitor, '/notice')
    return (await account(application, visitor)).notice === 'welcome'
  })
  return visitor
}

function signIn({ answer, before, hasCookie, finds, findsByOld }: Outcome): string | false {
  if (answer.status === 200) {
    if (!isSignedIn(finds)) return `answered 200, and the cookie finds ${JSON.stringify(finds)}`
    return !nothing(findsByOld) && !same(finds, findsByOld) && 'answered 200, and the old id is not dead'
  }
  if (nothing(before)) return hasCookie && !isSignedIn(finds) && 'failed, with a cookie that finds no session'
  if (same(finds, before) || isSignedIn(finds)) return false
  return nothing(finds)
    ? 'failed, and both sessions are gone'
    : `failed, and the session is neither the old one nor the new one: ${JSON.stringify(finds)}`
}

function signOut({ answer, before, findsByOld }: Outcome): string | false {
  if (answer.status === 200) return !nothing(findsByOld) && 'answered 200, and the session is there'
  return !nothing(findsByOld) && !same(findsByOld, before) && 'failed, and left half a session'
}

/** What a change of a session must leave, whether it was made or not. */
function kept({ before, finds }: Outcome): string | false {
  if (nothing(finds)) return 'the session is gone'
  if (finds.left !== finds.right) return 'half a change'
  return finds.user !== before.user && `another user: ${finds.user}`
}

function count(outcome: Outcome): string | false {
  const { answer, before, finds } = outcome
  // An anonymous visitor, as whom one is answered whose session could not be loaded, begins to count anew.
  const isAcknowledged = answer.status === 200 && answer.text === `${before.count! + 1}`
  const counted = finds.count! - before.count!
  if (isAcknowledged && counted !== 1) return `answered ${answer.text}, and ${finds.count} are stored`
  return kept(outcome) || (counted !== 0 && counted !== 1 && `one request counted as ${counted}`)
}

function read(outcome: Outcome): string | false {
  const { answer, policy, before, finds } = outcome
  const shown = answer.status === 200 ? (JSON.parse(answer.text) as Account) : before
  const isTrue = same(shown, before) || (policy === 'anonymous' && nothing(shown))
  return (
    kept(outcome) || (!isTrue && 'showed something else') || (!same(finds, before) && 'changed something')
  )
}

function firstValue({ answer, policy, hasCookie, finds }: Outcome): string | false {
  if (hasCookie && finds.seen !== true) return 'the cookie finds nothing'
  return !hasCookie && answer.status === 200 && policy === 'fail' && 'answered 200, and nothing is stored'
}

function notice(outcome: Outcome): string | false {
  const { answer, policy, finds } = outcome
  const isStored = finds.notice === 'welcome'
  return (
    kept(outcome) ||
    (answer.status === 200 && policy === 'fail' && !isStored && 'answered 200, and it is lost')
  )
}

function noticeShown(outcome: Outcome): string | false {
  const { answer, policy, finds } = outcome
  if (answer.status === 200 && policy === 'fail' && answer.text !== 'welcome') return 'showed nothing'
  return (
    kept(outcome) || (answer.text === 'welcome' && finds.notice !== undefined && 'shown, and still there')
  )
}

const awaited = { path: '/login', wrong: signIn, inShort: 'fail' } as const
const notAwaited = { path: '/login-not-awaited', wrong: signIn, inShort: 'anonymous' } as const

export const routes: readonly Route[] = [
  { title: 'signing in, by who is signed in', visitor: signedIn, ...awaited },
  { title: 'signing in, by who is signed in, not awaited', visitor: signedIn, ...notAwaited },
  { title: 'signing in, by an anonymous visitor', visitor: anonymous, ...awaited },
  { title: 'signing in, by an anonymous visitor, not awaited', visitor: anonymous, ...notAwaited },
  { title: 'signing in, by a newcomer', visitor: newcomer, ...awaited },
  { title: 'signing out', path: '/logout-awaited', visitor: signedIn, wrong: signOut },
  { title: 'signing out, not awaited', path: '/logout', visitor: signedIn, wrong: signOut },
  { title: 'counting', path: '/count', visitor: counted, wrong: count },
  { title: 'reading', path: '/account', visitor: signedIn, wrong: read },
  { title: 'setting a first value', path: '/seen', visitor: newcomer, wrong: firstValue },
  { title: 'setting a notice', path: '/notice', visitor: signedIn, wrong: notice },
  { title: 'showing a notice once', path: '/notice-shown', visitor: withNotice, wrong: noticeShown },
]
