import type { SessionKey } from '../contract/key.ts'
import type { SessionChange, SessionRecord } from '../contract/record.ts'
import type { SaveOptions, SaveResult, SessionStore } from '../contract/store.ts'
import { after, type MaybePromise } from '../contract/wait.ts'
import { reservedKeys } from '../values/data.ts'

/*
 * A session that gets a new id is copied, and then its old record is marked. The mark decides: from then on the copy is the
 * session, and the old record is none, whatever it still holds. To end the old record in its place would decide as well, but
 * whoever did not get the answer could not find out: a record that is gone says nothing of who ended it, a rotation or a
 * sign-out. A mark can be looked at, and taken back.
 */

/** The change that decides a move: `mark` is that of the request, and with it stands when it was, `now`. */
export function markWith(mark: string, now: number): SessionChange {
  return { set: new Map([[reservedKeys.moved, JSON.stringify(`${mark} ${now}`)]]) }
}

/** The change that takes it back: the record is the session again. */
export const unmark: SessionChange = { delete: [reservedKeys.moved] }

/** Changes nothing but the version, so that a mark which is still on its way to the store names one that is gone. */
export const fence: SessionChange = { delete: [`${reservedKeys.moved}?`] }

export function isMarkedWith(mark: string, { values }: SessionRecord): boolean {
  return values.get(reservedKeys.moved)?.startsWith(`"${mark} `) === true
}

/** What it is marked with, of the length of an id: by who has adopted it (`adopt.ts`), and nobody else. */
export function adoptionMarkOf({ values }: SessionRecord): string | undefined {
  return /^"([\w-]{43}) /.exec(values.get(reservedKeys.moved) ?? '')?.[1]
}

/** Whether the session that a record was has another id, and another record. */
export function isMoved({ values }: SessionRecord): boolean {
  return values.has(reservedKeys.moved)
}

/** When it was given that, in the store's time. */
export function movedAt({ values }: SessionRecord): number {
  return Number(/ (\d+)"$/.exec(values.get(reservedKeys.moved) ?? '')?.[1] ?? Number.NaN)
}

/** A load for which a record that its session has left is none. */
export function loadSession(store: SessionStore, key: SessionKey): MaybePromise<SessionRecord | undefined> {
  return after(store.load(key), unlessMoved)
}

function unlessMoved(record: SessionRecord | undefined): SessionRecord | undefined {
  return record === undefined || isMoved(record) ? undefined : record
}

/**
 * A save for which such a record is gone. What was put into it goes with it, unless the move was undecided and is taken
 * back: then it is there, although somebody was told that it is not.
 */
export function saveSession(
  store: SessionStore,
  key: SessionKey,
  change: SessionChange,
  options?: SaveOptions,
): MaybePromise<SaveResult> {
  return after(store.save(key, change, options), goneIfMoved)
}

function goneIfMoved(result: SaveResult): SaveResult {
  return result.outcome !== 'gone' && isMoved(result.record) ? { outcome: 'gone' } : result
}
