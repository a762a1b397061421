import { type SessionKey, shortKey } from '../record/key.ts'
import type { SessionChange, SessionRecord } from '../record/record.ts'
import { isPromise, run, type Steps, settled } from '../record/steps.ts'
import type { Resolution } from '../session/resolve.ts'
import type { SessionState, Stored } from '../session/state.ts'
import { createRecord } from './create.ts'
import { isStoreFailure } from './detached.ts'
import { checkLimits } from './limits.ts'
import { lost } from './lost.ts'
import type { Policy } from './policy.ts'
import { noteReplaced } from './replaced.ts'
import { beforeNextTry } from './retry.ts'
import { refuseSecondTime, valuesAfter } from './save.ts'

/**
 * Moves a session to the state's new id. The record is copied, then the old one is ended *if nobody has changed it
 * since*; otherwise the copy is brought up to date and the end is tried again. So what others were told is saved
 * under the old id comes along, what is still on its way to it finds no session, and a logout that was first wins.
 * For a minute it is noted that the old id was replaced.
 */
export function* moveToNewId(policy: Policy, state: SessionState, old: Stored): Steps<void> {
  const copy = yield* startCopy(policy, state, old)
  yield* noteReplaced(policy, old.id)
  try {
    yield* endOld(policy, state, old, copy)
  } catch (error) {
    const removing = abandon(policy, state, copy)
    // A store that does not answer would take the time of each call once more, for an error that is known.
    if (isStoreFailure(error)) run(removing)
    else yield* removing
    throw error
  }
  const { resolution, ...stored } = copy
  state.stored = stored
  if (resolution !== undefined) state.values.saved(resolution, stored.record.values)
  state.uncertain = undefined
  state.touched = false
  state.cookieDue = 'set'
  policy.report({ type: 'regenerated', key: shortKey(copy.key), from: shortKey(old.key) })
  yield* removeQuietly(policy, old.key)
}

/** The record under the new id, and what of it is this request's doing. */
interface Copy extends Stored {
  resolution: Resolution | undefined
}

function* startCopy(policy: Policy, state: SessionState, old: Stored): Steps<Copy> {
  const { record } = old
  const resolution = state.values.changeFor(record.values)
  const values = valuesAfter(record.values, resolution)
  checkLimits(policy.settings, values)
  // createdAt stays: no sign-in extends the lifetime.
  const moved = { ...record, values, expiresAt: storedUntil(policy, record, values) }
  const { version: _, ...fresh } = moved
  const { id, key } = yield* createRecord(policy, state, fresh)
  return { id, key, record: { ...moved, version: 0 }, resolution }
}

function* endOld(policy: Policy, state: SessionState, old: Stored, copy: Copy): Steps<void> {
  const { store, settings } = policy
  for (let tries = 1; ; tries++) {
    const answer = store.save(old.key, { expiresAt: 0 }, { ifVersion: state.uncertain ?? old.record.version })
    const result = yield* settled(answer)
    if (result.outcome === 'gone') lost(policy, state, old)
    if (result.outcome === 'conflict') refuseSecondTime(state)
    if (result.outcome === 'saved') {
      // A change of owner alone raises no version, and so is no conflict.
      yield* bringUpToDate(policy, state, old, copy, copy.record.values, result.record.owner)
      return
    }
    old.record = result.record
    yield* beforeNextTry(settings, tries, isPromise(answer))
    copy.resolution = state.values.changeFor(old.record.values)
    const values = valuesAfter(old.record.values, copy.resolution)
    checkLimits(settings, values)
    yield* bringUpToDate(policy, state, old, copy, values, old.record.owner)
  }
}

/** Makes the copy hold these values and this owner; only what differs is sent. */
function* bringUpToDate(
  policy: Policy,
  state: SessionState,
  old: Stored,
  copy: Copy,
  values: ReadonlyMap<string, string>,
  owner: string | undefined,
): Steps<void> {
  const change = difference(copy.record, values, owner)
  if (change === undefined) return
  const result = yield* settled(policy.store.save(copy.key, change))
  if (result.outcome !== 'saved') lost(policy, state, old)
  copy.record = result.record
}

function difference(
  record: SessionRecord,
  values: ReadonlyMap<string, string>,
  owner: string | undefined,
): SessionChange | undefined {
  const set = new Map([...values].filter(([key, text]) => record.values.get(key) !== text))
  const deleted = [...record.values.keys()].filter((key) => !values.has(key))
  const change: SessionChange = { set, delete: deleted }
  if (owner !== record.owner) change.owner = owner ?? null
  return set.size > 0 || deleted.length > 0 || change.owner !== undefined ? change : undefined
}

function* abandon(policy: Policy, state: SessionState, copy: Copy): Steps<void> {
  // A key is used once: the next try needs another one. The note stays, as its key is that of the next try's, too; nobody
  // asks for it while the session is there.
  if (state.id === copy.id) state.renewId()
  yield* removeQuietly(policy, copy.key)
}

/** For a record that nobody can reach any more: what fails here is left to the sweep. */
function* removeQuietly({ store, report }: Policy, key: SessionKey): Steps<void> {
  try {
    yield* settled(store.delete(key))
  } catch (error) {
    report({ type: 'error', error })
  }
}

function storedUntil(
  { expiry }: Policy,
  { createdAt }: SessionRecord,
  values: ReadonlyMap<string, string>,
): number {
  return expiry.stored(createdAt, expiry.mode(values), Date.now())
}
