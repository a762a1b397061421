import { type SessionKey, shortKey } from '../contract/key.ts'
import { isPromise, type MaybePromise, run, type Steps, settled } from '../contract/wait.ts'
import { NO_VALUES } from '../values/values.ts'
import { createSession } from './create.ts'
import { degrade, forgive, refuseDetached } from './detached.ts'
import { isOver, lost } from './lost.ts'
import { loadSession } from './moved.ts'
import type { Policy } from './policy.ts'
import { moveToNewId, onceGone } from './regenerate.ts'
import { saveStored, storedChange } from './save.ts'
import { inTurn, type SessionState, type Stored } from './state.ts'

/** Saves what there is to save; the cookie to send, if any. */
export function commit(policy: Policy, state: SessionState): MaybePromise<string | undefined> {
  // A visitor whose session nobody looked at: most requests for most applications.
  if (!state.accessed && !state.touched && !state.renewed && state.cookieDue === undefined) {
    const { busy, destroyed, detached, anew } = state
    if (busy === undefined && destroyed === undefined && detached === undefined && !anew) return undefined
  }
  return inTurn(state, () => {
    const saving = saveUnasked(policy, state)
    return isPromise(saving) ? saving.then(() => cookieLine(policy, state)) : cookieLine(policy, state)
  })
}

export function save(policy: Policy, state: SessionState): MaybePromise<void> {
  return inTurn(state, () => run(saveAsAsked(policy, state)))
}

/** Removes from the store what the state came after. */
export function destroy(policy: Policy, state: SessionState): MaybePromise<void> {
  return inTurn(state, () => {
    refuseDetached(state)
    return run(finishDestroy(policy, state))
  })
}

/** Reads the record again and drops every change. */
export function reload(policy: Policy, state: SessionState): MaybePromise<void> {
  return inTurn(state, () => run(reloadSteps(policy, state)))
}

function* saveAsAsked(policy: Policy, state: SessionState): Steps<void> {
  try {
    refuseDetached(state)
    yield* settled(saveNow(policy, state))
    // A new id that is asked for before there is anything to store is still to come.
    if (state.stored !== undefined) state.asked = false
  } catch (error) {
    state.asked = true
    throw error
  }
}

/** Before the answer leaves, whether the handler thought of it or not. */
function saveUnasked(policy: Policy, state: SessionState): MaybePromise<void> {
  if (state.detached !== undefined) {
    // It has not been done, and is not to look as if it had.
    if (state.asked) refuseDetached(state)
    return degrade(policy, state)
  }
  if (policy.settings.onStoreError === 'fail') return saveNow(policy, state)
  try {
    const saving = saveNow(policy, state)
    return isPromise(saving) ? saving.catch((error) => forgive(policy, state, error)) : saving
  } catch (error) {
    return forgive(policy, state, error)
  }
}

function saveNow(policy: Policy, state: SessionState): MaybePromise<void> {
  const { stored, values, former } = state
  if (state.destroyed !== undefined) return run(finishDestroyAndSave(policy, state))
  if (former !== undefined && (state.anew || (state.late === undefined && values.hasContent))) {
    return run(endFormerAndSave(policy, state, former))
  }
  if (stored === undefined) return values.hasContent ? saveNew(policy, state) : undefined
  if (state.renewed) return run(moveAndSave(policy, state, stored))
  if (state.gone) return values.changed ? lost(policy, state, stored) : undefined
  const resolution = values.changeFor(stored.record.values)
  const change = storedChange(policy, state, stored, resolution)
  return change === undefined && resolution === undefined
    ? undefined
    : run(saveStored(policy, state, stored, resolution, change))
}

function saveNew(policy: Policy, state: SessionState): MaybePromise<void> {
  const { late } = state
  return late === undefined ? run(createSession(policy, state)) : lost(policy, state, { key: late })
}

function* moveAndSave(policy: Policy, state: SessionState, stored: Stored): Steps<void> {
  yield* state.gone ? onceGone(policy, state, stored) : moveToNewId(policy, state, stored)
  if (state.stored === undefined) yield* settled(saveNow(policy, state))
}

function* endFormerAndSave(policy: Policy, state: SessionState, former: SessionKey): Steps<void> {
  if (state.stored === undefined && state.values.hasContent) yield* settled(saveNew(policy, state))
  // The client has another id: a move from this one, if it is undecided, is not to be taken back.
  yield* settled(policy.store.delete(former))
  state.former = undefined
  yield* settled(saveNow(policy, state))
}

function* finishDestroyAndSave(policy: Policy, state: SessionState): Steps<void> {
  yield* finishDestroy(policy, state)
  yield* settled(saveNow(policy, state))
}

function* finishDestroy(policy: Policy, state: SessionState): Steps<void> {
  const { destroyed } = state
  if (destroyed === undefined) return
  // It can have come after another one whose removal failed.
  yield* finishDestroy(policy, destroyed)
  // Also if it is known to be gone: a move of it may be undecided, by another request or this one, and not to be taken back.
  for (const key of [destroyed.stored?.key, destroyed.former, destroyed.undecided?.copy.key]) {
    if (key === undefined) continue
    const wasThere = yield* settled(policy.store.delete(key))
    const isEnded = key === destroyed.stored?.key && (wasThere || !destroyed.gone)
    if (isEnded) policy.report({ type: 'destroyed', key: shortKey(key) })
  }
  destroyed.undecided = undefined
  state.destroyed = undefined
}

function* reloadSteps(policy: Policy, state: SessionState): Steps<void> {
  refuseDetached(state)
  const { stored, values } = state
  if (stored === undefined) return values.reset(NO_VALUES)
  const record = state.gone ? undefined : yield* settled(loadSession(policy.store, stored.key))
  if (record === undefined || isOver(policy, record)) lost(policy, state, stored)
  stored.record = record
  state.uncertain = undefined
  values.reset(record.values)
}

/** The cookie of what is done already, where a later save has failed: without it nobody would find the session. */
export function dueCookie(policy: Policy, state: SessionState): string | undefined {
  const isDone = state.cookieDue === 'set' ? state.stored !== undefined : state.destroyed === undefined
  return isDone ? cookieLine(policy, state) : undefined
}

/**
 * A session that is gone gets no removal cookie: by the time that it arrives the client may have signed in again, and
 * it would delete the new session's cookie.
 */
function cookieLine(
  { cookie, expiry, report, warnWithheld }: Policy,
  state: SessionState,
): string | undefined {
  const { cookieDue, stored, secure } = state
  if (cookieDue === undefined) return undefined
  state.cookieDue = undefined
  if (cookie.withheld(secure)) {
    report({ type: 'cookie-withheld' })
    warnWithheld()
    return undefined
  }
  state.clientHasCookie = cookieDue === 'set'
  if (cookieDue === 'remove' || stored === undefined) return cookie.removal(secure)
  const { createdAt, values } = stored.record
  return cookie.line(stored.id, expiry.cookieMaxAge(createdAt, expiry.mode(values), Date.now()), secure)
}
