import { changesValues, type SessionChange, type SessionRecord } from '../contract/record.ts'
import type { SaveResult } from '../contract/store.ts'
import { isNewer, type Turn } from '../contract/turns.ts'
import { isPromise, type Steps, settled } from '../contract/wait.ts'
import { StoreUnavailableError } from '../errors.ts'
import { reservedKeys } from '../values/data.ts'
import type { Resolution } from '../values/resolve.ts'
import { checkLimits } from './limits.ts'
import { saveSession } from './moved.ts'
import { beforeNextTry } from './retry.ts'
import type { Live } from './standing.ts'
import { lost, type SessionState } from './state.ts'

/** What is to be sent, and the changes of values that are in it. */
interface Sending {
  readonly resolution: Resolution | undefined
  readonly change: SessionChange | undefined
}

/** What was sent, and what became of it; `undefined`: nothing, or a use that could not be noted. */
interface Sent extends Sending {
  readonly result: SaveResult | undefined
  /** The store answers later. */
  readonly waits: boolean
}

/** Saves a change to a session that is stored, worked out anew for as long as others are faster and it matters. */
export function* saveStored(
  state: SessionState,
  stored: Live,
  resolution: Resolution | undefined,
  change: SessionChange | undefined,
): Steps<void> {
  let sending: Sending = { resolution, change }
  for (let tries = 1; sending.change !== undefined; tries++) {
    const sent: Sent = yield* sendInTurn(state, stored, sending)
    const { result } = sent
    sending = sent
    if (result === undefined) break
    if (result.outcome === 'gone') {
      if (sent.resolution !== undefined) lost(state)
      // Only an extension: nothing of the handler's was lost, and it is told only if it asks.
      state.standing = { kind: 'gone', ended: stored }
      return
    }
    stored.record = result.record
    if (result.outcome === 'saved') {
      if (sent.resolution !== undefined && changesMode(sent.resolution)) state.cookieDue = 'set'
      state.touched = false
      stored.uncertain = undefined
      break
    }
    yield* beforeNextTry(state.policy.settings, tries, sent.waits)
    sending = workedOut(state, stored)
  }
  if (sending.resolution === undefined) return
  state.values.saved(sending.resolution, stored.record.values)
  stored.hasSaved = true
}

function workedOut(state: SessionState, stored: Live): Sending {
  const resolution = state.values.changeFor(stored.record.values)
  return { resolution, change: storedChange(state, stored, resolution) }
}

function sendInTurn(state: SessionState, stored: Live, planned: Sending): Steps<Sent> {
  if (!planned.resolution?.conditional) return send(state, stored, planned)
  return state.policy.turns.take(stored.key, (turn) => sendWithTurn(state, stored, planned, turn))
}

/** By what those before have left, so that it is no conflict. */
function* sendWithTurn(state: SessionState, stored: Live, planned: Sending, turn: Turn): Steps<Sent> {
  let sending = planned
  if (isNewer(turn.newest, stored.record)) {
    stored.record = turn.newest
    sending = workedOut(state, stored)
  }
  const sent = yield* send(state, stored, sending)
  if (sent.result !== undefined && sent.result.outcome !== 'gone') turn.newest = sent.result.record
  return sent
}

/** One save. */
function* send(state: SessionState, stored: Live, sending: Sending): Steps<Sent> {
  const { resolution, change } = sending
  if (change === undefined) return { resolution, change, result: undefined, waits: false }
  const ifVersion = resolution?.conditional ? (stored.uncertain ?? stored.record.version) : undefined
  try {
    const { store } = state.policy
    const answer = saveSession(store, stored.key, change, ifVersion === undefined ? undefined : { ifVersion })
    const result = yield* settled(answer)
    if (result.outcome === 'conflict') refuseSecondTime(stored)
    return { resolution, change, result, waits: isPromise(answer) }
  } catch (error) {
    if (ifVersion !== undefined) stored.uncertain = ifVersion
    if (changesValues(change) || state.asked) throw error
    // That it was used: nothing of the handler's is lost, so the answer is as true without it.
    state.policy.report({ type: 'error', error })
    return { resolution: undefined, change, result: undefined, waits: false }
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
  const { expiry, settings, clock } = state.policy
  const now = clock.known
  if (resolution === undefined || (resolution.set.size === 0 && resolution.delete.length === 0)) {
    if (!state.touched && !(settings.rolling && state.accessed)) return undefined
    const expiresAt = expiry.noted(record, expiry.mode(record.values), now)
    return expiresAt === undefined ? undefined : { expiresAt }
  }
  const values = valuesAfter(record.values, resolution)
  // Deleting is always allowed: a session over a limit that was lowered can shrink.
  if (resolution.set.size > 0) checkLimits(settings, values)
  const change: SessionChange = { set: resolution.set, delete: resolution.delete }
  const mode = expiry.mode(values)
  const expiresAt = changesMode(resolution)
    ? expiry.stored(record.createdAt, mode, now)
    : expiry.noted(record, mode, now)
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

function changesMode({ set, delete: deleted }: Resolution): boolean {
  return MODE.some((key) => set.has(key) || deleted.includes(key))
}

const MODE = [reservedKeys.expiry, reservedKeys.notAfter]

/** Until when a session lives if this request is its last, in the store's time; 0 for one that is gone. */
export function expiresAt(state: SessionState): number {
  const { lastStored, values, touched, isGone, policy } = state
  const { expiry, settings, clock } = policy
  if (isGone) return 0
  const now = clock.known
  const mode = expiry.modeOf(values.get(reservedKeys.expiry), values.get(reservedKeys.notAfter))
  if (lastStored === undefined) return expiry.promised(now, mode, now)
  const { record } = lastStored
  const used = settings.rolling || touched || values.changed
  return used ? expiry.promised(record.createdAt, mode, now) : record.expiresAt
}
