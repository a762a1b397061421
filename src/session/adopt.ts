import { hash } from 'node:crypto'
import { isNoSession, type SessionKey, sessionKey, shortKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { isPromise, type Steps, settled } from '../contract/wait.ts'
import { newId } from '../cookie/id.ts'
import { enterAdopted } from '../owners/adopted.ts'
import { reservedKeys } from '../values/data.ts'
import { createRecord } from './create.ts'
import { storedUntil } from './move.ts'
import { adoptionMarkOf, isMoved, markWith } from './moved.ts'
import type { Policy } from './policy.ts'
import { type Adoption, notedAdoption, noteReplaced } from './replaced.ts'
import { beforeNextTry } from './retry.ts'
import { live } from './standing.ts'
import { foundIn, lookAtMove, type MoveFound, removeQuietly } from './undecided.ts'

/*
 * A session that is found by a cookie of another library (`cookie.accept`) gets an id of ours before anybody sees it, as with any
 * other new id (`move.ts`): a copy is stored, the old record is marked if nobody has changed it since, that is noted, and the
 * old record is removed.
 *
 * But here the old id goes on leading to the new one. The requests of a page arrive at a time, all with the old cookie, and what
 * each of them changes has to come into one session; and the answer with the new cookie may be lost, after which the
 * visitor must not be signed out. So the new id is the hash of the old one with the mark: who has the one finds the other, and what the
 * store holds, the mark and hashes of ids, tells neither. It leads to a session for as long as that has this id: after a sign-in,
 * a rotation or a sign-out it leads to nothing, so an id that somebody has planted opens nobody's account.
 */

/** What an id of another library leads to. */
export type Foreign =
  /** A session that has an id of ours already. */
  | { readonly kind: 'adopted'; readonly as: string }
  /** A session that has none yet. */
  | { readonly kind: 'found'; readonly key: SessionKey; readonly record: SessionRecord }

/** Looks for the session of an id of another library; `undefined`: there is none. */
export function* lookForForeign(policy: Policy, id: string): Steps<Foreign | undefined> {
  const key = sessionKey(id, policy.app)
  const record = yield* settled(policy.store.load(key, { id }))
  if (record === undefined || isMoved(record)) {
    const mark = record === undefined ? yield* notedAdoption(policy, id) : adoptionMarkOf(record)
    return mark === undefined ? undefined : { kind: 'adopted', as: idWith(mark, id) }
  }
  const now = yield* settled(policy.clock.now())
  return policy.expiry.isOver(record, now) ? undefined : { kind: 'found', key, record }
}

/**
 * The id of ours that the session of an id of another library has from now on; `undefined`: there is no such session. Of several
 * requests that show it each is told the same. Throws what the store throws: the session is then what it was.
 */
export function* adopt(policy: Policy, id: string): Steps<string | undefined> {
  return yield* policy.turns.take(sessionKey(id, policy.app), () => adoptInTurn(policy, id))
}

function* adoptInTurn(policy: Policy, id: string): Steps<string | undefined> {
  for (let tries = 1; ; tries++) {
    const foreign = yield* lookForForeign(policy, id)
    if (foreign === undefined) return undefined
    if (foreign.kind === 'adopted') return foreign.as
    const tried = yield* tryToAdopt(policy, id, foreign)
    if (tried.isDone) return tried.as
    yield* beforeNextTry(policy.settings, tries, tried.waits)
  }
}

type Tried =
  | { readonly isDone: true; readonly as: string | undefined }
  /** Somebody has changed, adopted or ended it meanwhile. `waits`: the store answers later. */
  | { readonly isDone: false; readonly waits: boolean }

function* tryToAdopt(
  policy: Policy,
  id: string,
  { key, record }: Extract<Foreign, { kind: 'found' }>,
): Steps<Tried> {
  const entering = yield* enterAdopted(policy.registry, { ...record, key })
  if (entering === undefined) {
    yield* settled(policy.store.delete(key))
    return { isDone: true, as: undefined }
  }
  const { createdAt, owner } = record
  const values = new Map([...record.values, ...entering.values])
  // How long its cookie was to live: from here on our options say so.
  values.delete(reservedKeys.cookie)
  const copy = { values, createdAt, expiresAt: storedUntil(policy, createdAt, values) }
  const drawn = { mark: '' }
  const made = yield* createRecord(policy, owner === undefined ? copy : { ...copy, owner }, () => {
    do drawn.mark = newId()
    while (isNoSession(sessionKey(idWith(drawn.mark, id))))
    return idWith(drawn.mark, id)
  })
  if (!(yield* settled(entering.enter(made.key)))) {
    yield* removeQuietly(policy, made.key)
    yield* settled(policy.store.delete(key))
    return { isDone: true, as: undefined }
  }
  const { fate, waits, failure } = yield* decide(policy, drawn.mark, { id, key, record })
  if (fate !== 'moved') {
    yield* removeQuietly(policy, made.key)
    entering.withdraw(made.key)
    if (fate === 'stays' && failure !== undefined) throw failure.error
    return { isDone: false, waits }
  }
  const adoption = { mark: drawn.mark, until: record.expiresAt }
  if (!(yield* leaveOld(policy, { id, key }, adoption))) {
    yield* removeQuietly(policy, made.key)
    entering.withdraw(made.key)
    return { isDone: true, as: undefined }
  }
  policy.report({ type: 'adopted', key: shortKey(made.key), from: shortKey(key) })
  policy.ends.tell(key, 'rotated')
  return { isDone: true, as: made.id }
}

/**
 * `false`: the old record is not there any more. Whoever has removed it, an application of before that uses the same store, was
 * told that it is a sign-out. Where it could not be noted, or removed, it goes on saying what it was replaced by.
 */
function* leaveOld(
  policy: Policy,
  { id, key }: { readonly id: string; readonly key: SessionKey },
  adoption: Adoption,
): Steps<boolean> {
  if (!(yield* noteReplaced(policy, id, undefined, adoption))) return true
  try {
    return yield* settled(policy.store.delete(key))
  } catch (error) {
    policy.report({ type: 'error', error })
    return true
  }
}

/** What became of the mark. `waits`: the store answers later. `failure`: what it has thrown. */
interface Decided {
  readonly fate: MoveFound['fate']
  readonly waits: boolean
  readonly failure: { readonly error: unknown } | undefined
}

/**
 * Marks the old record. If the answer is lost it is looked at. Where not even that can be done the error is thrown, and the copy
 * stays, as it may be the session by now; if it is not, nobody finds it, and it ends by itself.
 */
function* decide(
  policy: Policy,
  mark: string,
  old: { readonly id: string; readonly key: SessionKey; readonly record: SessionRecord },
): Steps<Decided> {
  const { store, clock } = policy
  let waits = false
  try {
    const change = markWith(mark, clock.known)
    const saving = store.save(old.key, change, { ifVersion: old.record.version })
    waits = isPromise(saving)
    return { fate: foundIn(yield* settled(saving), mark).fate, waits, failure: undefined }
  } catch (error) {
    const failure = { error }
    try {
      return { fate: (yield* lookAtMove({ mark, policy }, live(old))).fate, waits, failure }
    } catch {
      throw error
    }
  }
}

/** An id of ours, by another one and what was drawn for it. */
function idWith(mark: string, id: string): string {
  return hash('sha256', `adopted ${mark} ${id}`, 'base64url')
}
