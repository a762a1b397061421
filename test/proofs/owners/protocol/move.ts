import { create, load, remove, type Saved, type Stored, save, type Values } from '../store.ts'
import { type Belonging, belongingOf, isMoved, noteKey } from './records.ts'
import { ask, eachOf, LONG, LOST, LostAnswer, quietly, type Steps } from './steps.ts'

/*
 * One session takes another one's place, by a rotation or a sign-in: a mark in the old record decides. In the
 * code that ships: src/session/move.ts, moved.ts, undecided.ts and replaced.ts.
 */

/**
 * `mark`: of this request. `carry`: what of the old record comes along. `giveUp`: once the copy is deleted.
 */
export interface Move {
  readonly old: { readonly key: string; record: Stored }
  readonly copy: { readonly key: string; values: Values }
  readonly mark: string
  readonly carry: (record: Stored) => Values
  readonly giveUp: Steps<unknown>
}

type Found =
  | { readonly fate: 'moved' | 'stays'; readonly record: Stored }
  | { readonly fate: 'replaced' }
  | { readonly fate: 'gone' }

/** The copy was ended before it was anybody's session. */
export class CopyEnded extends Error {}

/** Whether the mark stands nobody can say. */
export class Undecided extends Error {}

/** Marks the old record if it is as it was read; what has come meanwhile is brought over, and that again. */
export function* decide(move: Move): Steps<Found> {
  const { old, copy, mark, carry } = move
  for (;;) {
    const found = yield* markOld(move)
    if (found.fate !== 'stays') return found
    old.record = found.record
    const values = carry(found.record)
    if (isSame(values, copy.values)) continue
    copy.values = values
    const result = yield* ask(save(copy.key, { set: { ...values, moved: undefined } }))
    if (result.outcome !== 'saved') throw new CopyEnded(mark)
  }
}

function* markOld(move: Move): Steps<Found> {
  const { old, mark } = move
  try {
    const change = { set: { moved: mark }, ifVersion: old.record.version }
    return foundIn(yield* ask(save(old.key, change)), mark)
  } catch (error) {
    if (!(error instanceof LostAnswer)) throw error
    const found = yield* look(move)
    if (found.fate === 'stays') throw error
    return found
  }
}

/** A save that changes nothing but the version: a mark that is still on its way can't be set after it. */
function* look({ old, mark }: Move): Steps<Found> {
  const fence = save(old.key, { delete: ['fence'] })
  const [fenced, loaded] = yield* eachOf(fence, load(old.key))
  if (fenced !== LOST) return foundIn(fenced, mark)
  if (loaded === LOST) throw new Undecided(mark)
  const found = foundBy(loaded, mark)
  if (found.fate === 'stays') throw new Undecided(mark)
  return found
}

/** Makes the old record the session again, if it is there. */
export function* takeBack(move: Move): Steps {
  const { old, mark } = move
  let found = yield* lookAgain(move)
  while (found.fate === 'moved') {
    const change = { delete: ['moved'], ifVersion: found.record.version }
    found = foundIn(yield* ask(save(old.key, change)), mark)
  }
  yield* abandon(move)
}

/** As often as it takes until the store answers. */
function* lookAgain(move: Move): Steps<Found> {
  for (;;) {
    try {
      return yield* look(move)
    } catch (error) {
      if (!(error instanceof Undecided)) throw error
    }
  }
}

export function* abandon({ copy, giveUp }: Move): Steps {
  yield* quietly(ask(remove(copy.key)))
  yield* quietly(giveUp)
}

function foundIn(result: Saved, mark: string): Found {
  return foundBy(result.outcome === 'gone' ? undefined : result.record, mark)
}

function foundBy(record: Stored | undefined, mark: string): Found {
  if (record === undefined) return { fate: 'gone' }
  if (record.values.moved === mark) return { fate: 'moved', record }
  return isMoved(record) ? { fate: 'replaced' } : { fate: 'stays', record }
}

function isSame(one: Values, other: Values): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/**
 * That an id was replaced, and whose the old session was: never whose the new one is. Whether it could be
 * stored.
 */
export function* noteReplaced(id: string, whose: Belonging | undefined): Steps<boolean> {
  try {
    const values = whose === undefined ? {} : { whose }
    yield* ask(create(noteKey(id), { values, owner: null, createdAt: 0, expiresAt: LONG }))
    return true
  } catch (error) {
    if (!(error instanceof LostAnswer)) throw error
    return false
  }
}

export interface Shown {
  readonly record?: Stored
  readonly whose: Belonging | undefined
  /** Its record is there, and is no session any more, unless the mark is taken back. */
  readonly isMarked?: boolean
}

/** What an id leads to: a session, or whose the session was that had it. */
export function* shownBy(id: string): Steps<Shown> {
  const record = yield* ask(load(id))
  if (record !== undefined && !isMoved(record)) return { record, whose: belongingOf(record) }
  if (record !== undefined) return { whose: belongingOf(record), isMarked: true }
  const note = yield* ask(load(noteKey(id)))
  return { whose: note?.values.whose as Belonging | undefined }
}
