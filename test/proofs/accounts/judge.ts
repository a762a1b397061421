import { sessionKey } from '../../../src/contract/key.ts'
import type { SessionRecord } from '../../../src/contract/record.ts'
import type { Session, Sessions } from '../../../src/index.ts'
import { applicationEpoch } from '../../../src/owners/application.ts'
import { familyOf, signInOf } from '../../../src/owners/belonging.ts'
import { applicationKey, ownerKey } from '../../../src/owners/keys.ts'
import { OwnerRecord } from '../../../src/owners/record.ts'
import type { PlainStore } from '../../support/plain-store.ts'
import { cookieOf } from './cookie.ts'
import type { Request } from './request.ts'
import type { Begun, Given } from './starts.ts'
import { KEPT, type Verb } from './verbs.ts'

/** What is asked of each order; a fault is found by one of them. */
export const CHECKS = {
  logout: 'after a logout no id of that sign-in works',
  revoked: 'after a revocation no session works that was there before',
  replaced: 'an id that was replaced does not work',
  expired: 'a session whose time has come does not work',
  works: 'a session works for as long as nothing ends it',
  signsIn: 'a sign-in succeeds',
  told: 'what is told has a reason',
  whose: 'an id is whose it was given to',
  kept: 'a sign-in keeps what it names, and nothing else',
  saved: 'what is told as saved is there',
  once: 'what is taken is had once',
  left: 'nothing is left that nobody has an id of',
  entered: "an owner's record has each of their sessions",
  limit: 'an owner has no more devices than allowed',
} as const

export type Check = keyof typeof CHECKS

/** What a judge throws. */
export class BrokenPromise extends Error {}

/** A promise that is broken. */
export class Broken extends BrokenPromise {
  readonly check: Check

  constructor(check: Check, what: string) {
    super(`${CHECKS[check]}: ${what}`)
    this.check = check
  }
}

/** What there is to be judged when all requests are answered. */
export interface Course {
  readonly store: PlainStore
  /** Another process, which nothing happens to. */
  readonly fresh: Sessions
  readonly begun: Begun
  readonly requests: readonly Request[]
  readonly most: number | undefined
  /** A call of the store has failed: then something may be left behind, which no id leads to. */
  readonly hasFailed: boolean
}

/** An id that a client was given, and what it is to be. */
interface Target extends Given {
  readonly from: 'start' | 'rotation' | 'login' | 'anew'
  readonly by: Request | undefined
}

interface Found {
  readonly works: boolean
  readonly owner: string | undefined
  readonly values: Readonly<Record<string, unknown>>
  readonly expiry: unknown
}

/** Throws {@link Broken}. */
export function judge(course: Course): void {
  const { requests, fresh } = course
  const targets = targetsOf(course)
  const found = new Map(targets.map((target) => [target, foundBy(fresh, target.id)]))
  for (const request of requests) judgeTold(request, course)
  for (const [target, what] of found) {
    judgeEnd(target, what, course)
    if (what.works && what.owner !== target.owner)
      throw new Broken('whose', `${nameOf(target)} is ${what.owner}'s`)
  }
  judgeValues(found, course)
  judgeStore(
    [...found].filter(([, { works }]) => works).map(([target]) => target),
    course,
  )
}

function targetsOf({ begun, requests }: Course): Target[] {
  const start = begun.given.map((given): Target => ({ ...given, from: 'start', by: undefined }))
  const later = requests.flatMap((request) => (request.given === undefined ? [] : [givenBy(request)]))
  return [...start, ...later]
}

function givenBy(request: Request): Target {
  const { verb, shown, device } = request
  const common = { id: request.given!, device, by: request, isAlive: true }
  if (verb.does === 'login') return { ...common, owner: verb.owner, from: 'login' }
  const isRotation = verb.does === 'rotate' || verb.does === 'confirm'
  if (isRotation && shown?.isAlive) return { ...common, owner: shown.owner, from: 'rotation' }
  return { ...common, owner: undefined, from: 'anew' }
}

function foundBy(fresh: Sessions, id: string): Found {
  const session = fresh.open(cookieOf(id)) as Session
  return { works: !session.isNew, owner: session.owner, values: session.toJSON(), expiry: session.expiry }
}

function nameOf({ from, by, device }: Target): string {
  return `the id of device ${device} by ${by === undefined ? from : by.verb.name}`
}

/** Nobody was told that it is done, and it may be. */
export const isInDoubt = ({ told }: Request): boolean =>
  told === 'UNTORN_STORE_UNAVAILABLE' || told === 'died'

/** It has come to its end, or some of the way. */
const hasDone = (request: Request) => request.told === 'done' || isInDoubt(request)

/** Whether an id may be dead because of what a request did. */
function mayEnd(request: Request, target: Target, { most }: Pick<Course, 'most'>): boolean {
  const { verb, shown, device, value } = request
  if (target.by === request || !hasDone(request)) return false
  if (target.by !== undefined && request.ended < target.by.began) return false
  const isShown = shown?.id === target.id
  switch (verb.does) {
    case 'logout':
      return isShown || (device === target.device && shown?.owner === target.owner)
    case 'expiry':
      return isShown
    case 'rotate':
    case 'confirm':
      return isShown && isKnown(request)
    case 'login':
      return (isShown && isKnown(request)) || (most !== undefined && verb.owner === target.owner)
    case 'revokeAll':
      return verb.owner === target.owner
    case 'revokeEverything':
      return target.owner !== undefined
    case 'revokeOthers':
      return value !== false && endsOther(request, target)
    default:
      return false
  }
}

/** An error leaves the visitor as they were, or with the cookie of what they have become. A death can lose that cookie. */
const isKnown = ({ told, given }: Request) => told === 'done' || told === 'died' || given !== undefined

function endsOther({ shown, device }: Request, target: Target): boolean {
  if (shown?.owner === undefined || shown.owner !== target.owner) return false
  return device !== target.device || target.from === 'login'
}

/** The check by which an id must be dead because of what a request has done. */
function mustEnd(request: Request, target: Target): Check | undefined {
  const { verb, shown, device, told, value } = request
  if (target.by === request || told !== 'done') return undefined
  const isShown = shown?.id === target.id
  const isOwned = target.owner !== undefined && target.from !== 'anew'
  // A sign-in is of when it arrived to a revocation, and to a logout meanwhile it is before or after it.
  const isBefore =
    target.from !== 'login' ||
    target.by!.ended < request.began ||
    Math.max(target.by!.began, target.by!.arrived) < request.began
  const isEndedBefore = target.from !== 'login' || target.by!.ended < request.began
  switch (verb.does) {
    case 'logout':
      return isShown ||
        (isOwned && isEndedBefore && device === target.device && shown?.owner === target.owner)
        ? 'logout'
        : undefined
    case 'expiry':
      return isShown ? 'expired' : undefined
    case 'rotate':
    case 'confirm':
    case 'login':
      return isShown ? 'replaced' : undefined
    case 'revokeAll':
      return isOwned && isBefore && verb.owner === target.owner ? 'revoked' : undefined
    case 'revokeEverything':
      return isOwned && isBefore ? 'revoked' : undefined
    case 'revokeOthers':
      return isOwned &&
        isBefore &&
        value === true &&
        shown?.owner === target.owner &&
        device !== target.device
        ? 'revoked'
        : undefined
    default:
      return undefined
  }
}

function judgeEnd(target: Target, { works }: Found, course: Course): void {
  const { requests } = course
  if (works) {
    if (!target.isAlive) throw new Broken('replaced', nameOf(target))
    for (const request of requests) {
      const check = mustEnd(request, target)
      if (check !== undefined) throw new Broken(check, `${nameOf(target)} does after ${request.verb.name}`)
    }
  } else if (target.isAlive && !requests.some((request) => mayEnd(request, target, course))) {
    throw new Broken(target.from === 'login' ? 'signsIn' : 'works', nameOf(target))
  }
}

/** Throws if there was no reason to tell it. */
function judgeTold(request: Request, course: Course): void {
  const { verb, told, shown, given, value } = request
  const others = course.requests.filter((other) => other !== request && other.began < request.ended)
  const isDead = shown !== undefined && !shown.isAlive
  const start = targetsOf(course).find(({ id }) => id === shown?.id)
  const mayBeGone = isDead || (start !== undefined && others.some((other) => mayEnd(other, start, course)))
  const mayBeAnonymous = shown?.owner === undefined || mayBeGone
  const reasons: Readonly<Record<string, boolean>> = {
    UNTORN_SESSION_GONE: mayBeGone && !['login', 'logout'].includes(verb.does),
    UNTORN_MISUSE: mayBeAnonymous && ['confirm', 'revokeOthers'].includes(verb.does),
    UNTORN_SIGN_IN_REVOKED: verb.does === 'login' && others.some((other) => revokes(other, request)),
    UNTORN_TOO_MANY_SESSIONS: verb.does === 'login' && isFull(request, course),
    UNTORN_STORE_UNAVAILABLE: course.hasFailed,
    died: course.hasFailed,
    done: true,
  }
  if (reasons[told ?? ''] !== true)
    throw new Broken(verb.does === 'login' ? 'signsIn' : 'told', `${verb.name} is told ${told}`)
  if (told === 'done' && verb.does === 'login' && given === undefined)
    throw new Broken('signsIn', `${verb.name} has no cookie`)
  const endsAllOthers = (each: Request) => each.verb.does === 'revokeOthers' && each.value === true
  if (
    endsAllOthers(request) &&
    others.some((other) => endsAllOthers(other) && other.device !== request.device)
  )
    throw new Broken('told', `${verb.name} is told that all others have ended, on two devices`)
  if (verb.does === 'revokeOthers' && value === false && !mayBeGone)
    throw new Broken('told', `${verb.name} is told that its session has ended`)
  const isRotated = ['rotate', 'confirm'].includes(verb.does) && shown?.isAlive
  if (told === 'done' && isRotated && given === undefined && !mayBeGone)
    throw new Broken('told', `${verb.name} has no cookie`)
}

/** Whether there may be as many other devices as are allowed, at some moment of a sign-in. */
function isFull(login: Request, course: Course): boolean {
  const { begun, requests, most = Number.POSITIVE_INFINITY } = course
  const { owner }: Verb = login.verb
  const before = begun.given.filter((given) => given.isAlive && given.owner === owner)
  const stood = before.filter((given) => {
    const target: Target = { ...given, from: 'start', by: undefined }
    const isOver = requests
      .filter((other) => other.ended < login.began && !goesOn(other, given))
      .some((other) => mustEnd(other, target) !== undefined)
    return given.device !== login.device && !isOver
  })
  const others = requests.filter((other) => other !== login && other.verb.does === 'login')
  return stood.length + others.filter(({ verb }) => verb.owner === owner).length >= most
}

/** Whether it has only another id since, and is of the same owner. */
function goesOn({ verb }: Request, { owner }: Given): boolean {
  return verb.does === 'rotate' || verb.does === 'confirm' || (verb.does === 'login' && verb.owner === owner)
}

/** Whether a sign-in may be told that all was ended since it came. */
function revokes(other: Request, login: Request): boolean {
  if (other.ended < login.began) return false
  const { owner }: Verb = login.verb
  const { does } = other.verb
  if (does === 'revokeOthers') return other.shown?.owner === owner
  if (does === 'logout') return other.shown?.owner === owner && other.device === login.device
  return does === 'revokeEverything' || (does === 'revokeAll' && other.verb.owner === owner)
}

/** Of the same device, and from the session that a request has shown: what it has saved there goes along. */
function follows(target: Target, { shown }: Request): boolean {
  if (shown === undefined || !shown.isAlive) return false
  return target.id === shown.id || (target.by?.shown === shown && target.from !== 'anew')
}

function judgeValues(found: ReadonlyMap<Target, Found>, course: Course): void {
  const { requests } = course
  const living = [...found].filter(([, { works }]) => works)
  const saving = requests.filter(({ told }) => told === 'done')
  const of = (does: string) => saving.filter(({ verb }) => verb.does === does)
  for (const [target, { values, expiry }] of living) {
    if (target.from === 'login') {
      const more = Object.keys(values).filter((name) => !KEPT.includes(name))
      if (expiry !== undefined) more.push('an expiry')
      if (more.length > 0) throw new Broken('kept', `${nameOf(target)} has ${more}`)
    }
    const changes = of('changes').filter((each) =>
      each.given === undefined ? follows(target, each) : target.by === each,
    )
    if (changes.length > 0 && !changes.some(({ mark }) => mark === values.cart))
      throw new Broken('saved', `${nameOf(target)} has the cart ${values.cart}`)
    const updates = of('updates').filter((each) => each.given === undefined && follows(target, each))
    if (isWhole(target, course) && values.count !== 1 + updates.length)
      throw new Broken('saved', `${nameOf(target)} has counted ${values.count}`)
    const taken = of('takes').filter((each) => each.value === 'Hello' && follows(target, each))
    if (taken.length > 1 || (taken.length > 0 && values.notice !== undefined))
      throw new Broken('once', `${nameOf(target)} has the notice`)
  }
}

/** It has all that was there before: not so where a sign-in has found its old session gone. */
function isWhole(target: Target, course: Course): boolean {
  const { from, by } = target
  if (from === 'anew' || (by !== undefined && !by.shown?.isAlive)) return false
  if (from !== 'login') return true
  const old: Target = { ...by!.shown!, from: 'start', by: undefined }
  return !course.requests.some((other) => other !== by && mayEnd(other, old, course))
}

/** `living`: the ids that work. */
function judgeStore(living: readonly Target[], { store, most, hasFailed }: Course): void {
  const keys = new Map(living.map((target) => [sessionKey(target.id), target]))
  for (const [key] of store.all())
    if (!keys.has(key) && !hasFailed) throw new Broken('left', `of the session ${key.slice(0, 8)}`)
  const all = store.load(applicationKey(undefined)) as SessionRecord | undefined
  const application = applicationEpoch(all)?.epoch ?? null
  const devices = new Map<string, Set<string>>()
  const owned = [...keys].flatMap(([key, { owner, ...target }]) => {
    const own = signInOf((store.load(key) as SessionRecord).values)
    return owner === undefined || own === undefined ? [] : [{ key, owner, own, target: { ...target, owner } }]
  })
  for (const { owner, own } of owned)
    devices.set(owner, (devices.get(owner) ?? new Set()).add(familyOf(own.signIn)))
  for (const { size } of devices.values())
    if (most !== undefined && size > most) throw new Broken('limit', `there are ${size}`)
  for (const { key, owner, own, target } of owned) {
    const record = store.load(ownerKey(undefined, owner)) as SessionRecord | undefined
    const known = record && new OwnerRecord(record)
    const isEntered = known?.entries.some((entry) => entry.key === key)
    // Of an end that has failed the session may be there still: it is entered as one that is to be deleted.
    const isValid = hasFailed || (known?.isValid(own.signIn) && own.application === application)
    if (!isEntered || !isValid) throw new Broken('entered', nameOf(target))
  }
}
