import { isNoSession, type SessionKey } from '../../../contract/key.ts'
import type { SessionStore } from '../../../contract/store.ts'
import { type Steps, settled } from '../../../contract/wait.ts'
import { sealOf } from './marks.ts'

/** The change that ends a record. */
export const END = { expiresAt: 0 }

/** Removes what is left in `from` of a record whose copy was chosen: by its number, as the key may be another record's now. */
export function* cleanUp(from: SessionStore, key: SessionKey, chosen: number): Steps<void> {
  if (!isNoSession(key)) return void (yield* settled(from.delete(key)))
  const left = yield* settled(from.load(key))
  if (!left || sealOf(left)?.chosen !== chosen) return
  yield* settled(from.save(key, END, { ifVersion: left.version }))
}

/** Removes what is left of a session that was ended. Of what is none a sweep does: its key may be used again already. */
export function* removeEnded(store: SessionStore, key: SessionKey): Steps<void> {
  if (!isNoSession(key)) yield* settled(store.delete(key))
}
