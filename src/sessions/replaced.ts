import { type SessionKey, sessionKey } from '../record/key.ts'
import { isPromise, type MaybePromise, type Steps, settled } from '../record/steps.ts'
import { reservedKeys } from '../session/data.ts'
import type { SessionStore } from '../store.ts'
import type { Policy } from './policy.ts'

/** Milliseconds: for requests that were sent before the browser had the new id, and came in or were served late. */
const NOTED_FOR = 60_000

/**
 * Notes in the store that an id was replaced, before it is dead. A late request that shows it finds no session; if it
 * began one, the new cookie would take the place of the sign-in's in the browser.
 *
 * The note is a record of its own, so that the old one can end for good, as everybody expects of it. It names neither
 * id nor session, and no cookie leads to it.
 */
export function* noteReplaced({ store, report }: Policy, id: string): Steps<void> {
  const key = noteKey(id)
  const now = Date.now()
  const values = new Map([[reservedKeys.replaced, 'true']])
  const expiresAt = now + NOTED_FOR
  try {
    const isFirst = yield* settled(store.create(key, { values, createdAt: now, expiresAt }))
    // There is one from a try that failed.
    if (!isFirst) yield* settled(store.save(key, { expiresAt }))
  } catch (error) {
    // Without it the sign-in is as safe, and late requests are as if it were a minute ago.
    report({ type: 'error', error })
  }
}

/** Whether an id that no session has was replaced a moment ago. */
export function wasReplaced(store: SessionStore, id: string): MaybePromise<boolean> {
  const note = store.load(noteKey(id))
  return isPromise(note) ? note.then((found) => found !== undefined) : note !== undefined
}

/** No id has a space in it, so none that a client sends leads here. */
function noteKey(id: string): SessionKey {
  return sessionKey(`replaced ${id}`)
}
