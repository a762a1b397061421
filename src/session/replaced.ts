import { idWithin, keyOfNoSession, type SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { after, type MaybePromise, type Steps, settled } from '../contract/wait.ts'
import { type Belonging, belongingOf } from '../owners/belonging.ts'
import { reservedKeys } from '../values/data.ts'
import type { Clock } from './clock.ts'
import { isMoved, movedAt } from './moved.ts'
import type { Policy } from './policy.ts'

/** Milliseconds: longer than a request is under way before anybody asks for its session. */
export const NOTED_FOR = 10 * 60_000

/**
 * Milliseconds after an id was replaced in which a client may not have its new cookie yet. Who shows the old one later
 * never got it: the answer was lost.
 */
const ON_ITS_WAY = 5000

/**
 * Notes in the store that an id was replaced, before its record goes, which says so itself until then. A late request that
 * shows it finds no session; if it began one, the new cookie would take the place of the sign-in's in the browser.
 *
 * The note is a record of its own, so that the old one can end for good, as everybody expects of it. It names neither id
 * nor session, only when it was and `whose` the old session was, so that a sign-out with the old id ends the new one. No
 * cookie leads to it.
 *
 * @returns whether it is noted; if not, the old record has to go on saying it
 */
export function* noteReplaced(
  { store, app, clock, report }: Pick<Policy, 'store' | 'app' | 'clock' | 'report'>,
  id: string,
  whose: Belonging | undefined,
  adoption?: Adoption,
): Steps<boolean> {
  const now = clock.known
  const values = new Map<string, string>([[reservedKeys.replaced, `${now}`]])
  if (whose !== undefined) values.set(reservedKeys.whose, JSON.stringify(whose))
  if (adoption !== undefined) values.set(reservedKeys.adopted, JSON.stringify(adoption.mark))
  const expiresAt = Math.max(now + NOTED_FOR, adoption?.until ?? 0)
  try {
    yield* settled(store.create(noteKey(id, app), { values, createdAt: now, expiresAt }))
    return true
  } catch (error) {
    report({ type: 'error', error })
    return false
  }
}

/** An id of another library was replaced: what leads from it to ours, and until when it does. */
export interface Adoption {
  readonly mark: string
  readonly until: number
}

/** What an id was replaced with by who has adopted its session (`adopt.ts`), as was noted. */
export function* notedAdoption({ store, app }: Policy, id: string): Steps<string | undefined> {
  const note = yield* settled(store.load(noteKey(id, app)))
  return /^"([\w-]{43})"$/.exec(note?.values.get(reservedKeys.adopted) ?? '')?.[1]
}

/** What is known of an id that no session has. */
export interface IdFate {
  /** It was replaced, a while ago at most. */
  replaced: boolean
  /** The request arrived before that, or before the client can have had the new id: it must not begin a session. */
  late: boolean
  /** Whose the session was that had it, if it had an owner. */
  whose: Belonging | undefined
}

/** `record`: what is left of its session. `arrivedAt`: when the request did, by the clock of this process. */
export function fateOfId(
  { store, app, clock }: Pick<Policy, 'store' | 'app' | 'clock'>,
  id: string,
  record: SessionRecord | undefined,
  arrivedAt: number,
): MaybePromise<IdFate> {
  if (record !== undefined && isMoved(record)) {
    return fateBy(clock, movedAt(record), arrivedAt, belongingOf(record))
  }
  return after(store.load(noteKey(id, app)), (note) => fateBy(clock, notedAt(note), arrivedAt, notedOf(note)))
}

function notedAt(note: SessionRecord | undefined): number {
  return Number(note?.values.get(reservedKeys.replaced) ?? Number.NaN)
}

/** Of a damaged note nobody: it is a note all the same. */
function notedOf(note: SessionRecord | undefined): Belonging | undefined {
  const text = note?.values.get(reservedKeys.whose)
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function fateBy(
  clock: Clock,
  at: number,
  arrivedAt: number,
  whose: Belonging | undefined,
): MaybePromise<IdFate> {
  const underWay = Date.now() - arrivedAt
  // Of a request that has been under way for longer than notes are kept nobody can tell: it may be late.
  if (Number.isNaN(at)) return { replaced: false, late: underWay >= NOTED_FOR, whose }
  return after(clock.now(), (now) => ({ replaced: true, late: now - underWay <= at + ON_ITS_WAY, whose }))
}

/** Whether an id whose record is gone was replaced; if not, its session was signed out or has expired. */
export function* wasReplaced({ store, app }: Policy, id: string): Steps<boolean> {
  return (yield* settled(store.load(noteKey(id, app)))) !== undefined
}

/** No id has a space in it, so none that a client sends leads here; and who lists or counts sessions leaves it out. */
function noteKey(id: string, app: string | undefined): SessionKey {
  return keyOfNoSession(`replaced ${idWithin(app, id)}`)
}
