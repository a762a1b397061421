import { type SessionKey, sessionKey } from '../record/key.ts'
import type { SessionRecord } from '../record/record.ts'
import { isPromise, type MaybePromise, type Steps, settled } from '../record/steps.ts'
import { reservedKeys } from '../session/data.ts'
import type { SessionStore } from '../store.ts'
import type { Policy } from './policy.ts'

/** Milliseconds: longer than a request is under way before anybody asks for its session. */
const NOTED_FOR = 10 * 60_000

/**
 * Milliseconds after an id was replaced in which a client may not have its new cookie yet. Who shows the old one later
 * never got it: the answer was lost.
 */
const ON_ITS_WAY = 5000

/**
 * Notes in the store that an id is being replaced, before it is dead. A late request that shows it finds no session; if it
 * began one, the new cookie would take the place of the sign-in's in the browser.
 *
 * The note is a record of its own, so that the old one can end for good, as everybody expects of it. It names neither id
 * nor session, only when it was and the marks of those who tried, and no cookie leads to it.
 */
export function* noteReplaced({ store, report }: Policy, id: string, mark: string): Steps<void> {
  const key = noteKey(id)
  const now = Date.now()
  const values = new Map([
    [reservedKeys.replaced, `${now}`],
    [nameOf(mark), 'true'],
  ])
  const expiresAt = now + NOTED_FOR
  try {
    const isFirst = yield* settled(store.create(key, { values, createdAt: now, expiresAt }))
    // There is one of another request, or of a try that failed.
    if (!isFirst) yield* settled(store.save(key, { set: values, expiresAt }))
  } catch (error) {
    // Without it the sign-in is as safe, and late requests are as if it were long ago.
    report({ type: 'error', error })
  }
}

/** What is known of an id that no session has. */
export interface IdFate {
  /** It was replaced, a while ago at most. */
  noted: boolean
  /**
   * `late`: the request arrived before that, or before the client can have had the new id; it must not begin a session.
   * `over`: the client will not get another one by itself: it never got the new id, or its session has ended.
   */
  fate: 'late' | 'over'
}

/** `arrivedAt`: when the request did, in milliseconds since the epoch. */
export function fateOfId(store: SessionStore, id: string, arrivedAt: number): MaybePromise<IdFate> {
  const note = store.load(noteKey(id))
  return isPromise(note) ? note.then((found) => fateBy(found, arrivedAt)) : fateBy(note, arrivedAt)
}

function fateBy(note: SessionRecord | undefined, arrivedAt: number): IdFate {
  const at = Number(note?.values.get(reservedKeys.replaced) ?? Number.NaN)
  const noted = !Number.isNaN(at)
  // Of a request that has been under way for longer than notes are kept nobody can tell: it may be late.
  const lateUntil = noted ? at + ON_ITS_WAY : Date.now() - NOTED_FOR
  return { noted, fate: arrivedAt <= lateUntil ? 'late' : 'over' }
}

/** Whether a move by somebody else was noted. */
export function* wasReplacedByOther({ store }: Policy, id: string, mark: string): Steps<boolean> {
  const note = yield* settled(store.load(noteKey(id)))
  if (note === undefined) return false
  const marks = [...note.values.keys()].filter((name) => name.startsWith(MARKS))
  return marks.some((name) => name !== nameOf(mark))
}

const MARKS = `${reservedKeys.replaced}:`

function nameOf(mark: string): string {
  return MARKS + mark
}

/** No id has a space in it, so none that a client sends leads here. */
function noteKey(id: string): SessionKey {
  return sessionKey(`replaced ${id}`)
}
