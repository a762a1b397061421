import { isDeepStrictEqual } from 'node:util'
import { sessionKey } from '../../../src/index.ts'
import type { PlainStore } from '../../support/plain-store.ts'
import { BrokenPromise } from '../accounts/judge.ts'
import { idIn, type Visit } from './visit.ts'

const CHECKS = {
  lost: 'A change that was answered without an error is there, unless somebody ended the session or set the value later',
  back: 'A session that was ended does not come back',
  vanished: 'A session that nobody ended is there',
  cookie: 'No cookie is sent for a session that can not be found',
  crossed: 'A new session has nothing of the old one',
  once: 'Each request is handled once at most, and answered',
} as const

export type Check = keyof typeof CHECKS

export class Broken extends BrokenPromise {
  readonly check: Check

  constructor(check: Check, what: string) {
    super(`${CHECKS[check]}: ${what}`)
    this.check = check
  }
}

function must(check: Check, isKept: boolean, what: string): void {
  if (!isKept) throw new Broken(check, what)
}

export function valuesOf(store: PlainStore, id: string | undefined): Record<string, unknown> | undefined {
  const key = id === undefined ? undefined : sessionKey(id)
  const record = store.all().find(([each]) => each === key)?.[1]
  if (record === undefined) return undefined
  const values = [...record.values].filter(([name]) => !name.startsWith('untorn:'))
  return Object.fromEntries(values.map(([name, text]) => [name, JSON.parse(text)]))
}

/** When an answer leaves. */
export function judgeAnswer(store: PlainStore, visit: Visit): void {
  if (visit.given === undefined || visit.errors.length > 0) return
  must('cookie', valuesOf(store, idIn(visit.given)) !== undefined, `that of ${visit.verb.name}`)
}

/** When all is over. `id`: of the session that both came with. */
export function judge(store: PlainStore, visits: readonly Visit[], id: string): void {
  const now = valuesOf(store, id)
  for (const visit of visits) {
    must('once', visit.handled <= 1 && visit.isOver, visit.verb.name)
    must(
      'back',
      !(visit.verb.ends && visit.isDone && visit.id !== undefined) || now === undefined,
      visit.verb.name,
    )
  }
  must('vanished', now !== undefined || visits.some(({ verb }) => verb.ends), '')
  for (const visit of visits) if (visit.isDone) judgeChanges(store, visit, visits, id)
}

function judgeChanges(store: PlainStore, visit: Visit, visits: readonly Visit[], id: string): void {
  const { verb, mark } = visit
  const own = verb.name === 'regenerate' || visit.id !== id
  const found = valuesOf(store, own ? idIn(visit.given) : id)
  if (found === undefined) {
    // Of a late one, which shows an id that was replaced, nothing is kept; nor of one whose session was ended.
    must('lost', !own || verb.name !== 'regenerate', `${verb.name}: there is no session`)
    return
  }
  if (own) must('crossed', isDeepStrictEqual(found, JSON.parse(JSON.stringify(verb.leaves(mark)))), verb.name)
  for (const [name, value] of Object.entries(verb.leaves(mark))) {
    const others = visits.filter((other) => other !== visit && !own).flatMap(setBy)
    // What it has seen was set before.
    const later = others.filter((other) => name in other && (name !== 'a' || other.a !== visit.seen))
    const allowed = [value, ...later.map((other) => other[name])]
    must(
      'lost',
      allowed.some((each) => isDeepStrictEqual(each, found[name])),
      `${verb.name}: ${name}`,
    )
  }
}

function setBy({ verb, mark, isDone }: Visit): Record<string, unknown>[] {
  return isDone || verb.passes === undefined ? [verb.leaves(mark)] : [verb.leaves(mark), verb.passes(mark)]
}
