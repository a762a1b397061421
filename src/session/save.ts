import type { SessionChange, SessionRecord } from '../contract/record.ts'
import type { SaveResult } from '../contract/store.ts'
import { isPromise, type MaybePromise, type Steps, settled } from '../contract/wait.ts'
import { StoreUnavailableError } from '../errors.ts'
import { reservedKeys } from '../values/data.ts'
import type { Resolution } from '../values/resolve.ts'
import { checkLimits } from './limits.ts'
import { saveSession } from './moved.ts'
import { beforeNextTry } from './retry.ts'
import type { Live } from './standing.ts'
import { lost, type SessionState } from './state.ts'

/** Saves a change to a session that is stored, worked out anew for as long as others are faster and it matters. */
export function* saveStored(
  state: SessionState,
  stored: Live,
  firstResolution: Resolution | undefined,
  firstChange: SessionChange | undefined,
): Steps<void> {
  let resolution = firstResolution
  let change = firstChange
  for (let tries = 1; change !== undefined; tries++) {
    const ifVersion = resolution?.conditional ? (stored.uncertain ?? stored.record.version) : undefined
    const { answer, result } = yield* sentSave(state, stored, change, ifVersion)
    if (result.outcome === 'gone') {
      if (resolution !== undefined) lost(state)
      // Only an extension: nothing of the handler's was lost, and it is told only if it asks.
      state.standing = { kind: 'gone', ended: stored }
      return
    }
    stored.record = result.record
    if (result.outcome === 'saved') {
      if (resolution !== undefined && changesMode(resolution)) state.cookieDue = 'set'
      state.touched = false
      stored.uncertain = undefined
      break
    }
    yield* beforeNextTry(state.policy.settings, tries, isPromise(answer))
    resolution = state.values.changeFor(stored.record.values)
    change = storedChange(state, stored, resolution)
  }
  if (resolution === undefined) return
  state.values.saved(resolution, stored.record.values)
  stored.hasSaved = true
}

/** One save, and its answer as it came. */
function* sentSave(
  state: SessionState,
  stored: Live,
  change: SessionChange,
  ifVersion: number | undefined,
): Steps<{ answer: MaybePromise<SaveResult>; result: SaveResult }> {
  try {
    const { store } = state.policy
    const answer = saveSession(store, stored.key, change, ifVersion === undefined ? undefined : { ifVersion })
    const result = yield* settled(answer)
    if (result.outcome === 'conflict') refuseSecondTime(stored)
    return { answer, result }
  } catch (error) {
    if (ifVersion !== undefined) stored.uncertain = ifVersion
    throw error
  }
}

/** Of a conflict: the version may be the one that this request made itself, by the save that failed. */
export function refuseSecondTime({ uncertain }: Live): void {
  if (uncertain === undefined) return
  throw new StoreUnavailableError(
    'A save failed that may have been carried out all the same, and the session has changed since, by it or by another ' +
      'request. It is not tried again: an update would be made twice.',
  )
}

/** What to tell the store: changed values, a new expiry, both, or nothing. Throws if they exceed a limit. */
export function storedChange(
  state: SessionState,
  { record }: Live,
  resolution: Resolution | undefined,
): SessionChange | undefined {
  const { expiry, settings } = state.policy
  const now = Date.now()
  if (resolution === undefined || (resolution.set.size === 0 && resolution.delete.length === 0)) {
    if (!state.touched && !(settings.rolling && state.accessed)) return undefined
    const expiresAt = expiry.extension(record, expiry.mode(record.values), now)
    return expiresAt === undefined ? undefined : { expiresAt }
  }
  const values = valuesAfter(record.values, resolution)
  // Deleting is always allowed: a session over a limit that was lowered can shrink.
  if (resolution.set.size > 0) checkLimits(settings, values)
  const change: SessionChange = { set: resolution.set, delete: resolution.delete }
  const mode = expiry.mode(values)
  const expiresAt = changesMode(resolution)
    ? expiry.stored(record.createdAt, mode, now)
    : expiry.extension(record, mode, now)
  if (expiresAt !== undefined) change.expiresAt = expiresAt
  return change
}

/** The values of a record after a change. */
export function valuesAfter(
  values: SessionRecord['values'],
  resolution: Resolution | undefined,
): ReadonlyMap<string, string> {
  const after = new Map(values)
  for (const key of resolution?.delete ?? []) after.delete(key)
  for (const [key, text] of resolution?.set ?? []) after.set(key, text)
  return after
}

function changesMode(resolution: Resolution): boolean {
  return resolution.set.has(reservedKeys.expiry) || resolution.delete.includes(reservedKeys.expiry)
}

/** Until when a session lives if this request is its last; 0 for one that is gone. Milliseconds since the epoch. */
export function expiresAt(state: SessionState): number {
  const { lastStored, values, touched, isGone, policy } = state
  const { expiry, settings } = policy
  if (isGone) return 0
  const now = Date.now()
  const mode = expiry.modeOf(values.get(reservedKeys.expiry))
  if (lastStored === undefined) return expiry.promised(now, mode, now)
  const { record } = lastStored
  const used = settings.rolling || touched || values.changed
  return used ? expiry.promised(record.createdAt, mode, now) : record.expiresAt
}
