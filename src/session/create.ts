import { isNoSession, type SessionKey, sessionKey, shortKey } from '../contract/key.ts'
import type { NewRecord } from '../contract/record.ts'
import { type Steps, settled } from '../contract/wait.ts'
import { StoreUnavailableError } from '../errors.ts'
import { NO_VALUES } from '../values/values.ts'
import { noteBegun } from './dead.ts'
import { checkLimits } from './limits.ts'
import { listenEarly } from './on-end.ts'
import type { Policy } from './policy.ts'
import { valuesAfter } from './save.ts'
import { live } from './standing.ts'
import type { SessionState } from './state.ts'

const MOST_IDS = 10

/** Stores a session for the first time. */
export function* beginSession(state: SessionState): Steps<void> {
  const { policy, values } = state
  const resolution = values.changeFor(NO_VALUES)
  if (resolution === undefined && !state.begun) return
  const stored = valuesAfter(NO_VALUES, resolution)
  checkLimits(policy.settings, stored)
  const now = yield* settled(policy.clock.now())
  const expiresAt = policy.expiry.stored(now, policy.expiry.mode(stored), now)
  const record = { values: stored, createdAt: now, expiresAt }
  const { id, key } = yield* createRecord(policy, record, idsOf(state))
  const { standing } = state
  const former = standing.kind === 'replaced' ? standing.former : undefined
  state.standing = live({ id, key, record: { ...record, version: 0 } }, former)
  if (resolution !== undefined) values.saved(resolution, stored)
  state.touched = false
  state.begun = false
  state.cookieDue = 'set'
  policy.report({ type: 'created', key: shortKey(key) })
  listenEarly(state)
  if (state.dead.length > 0) yield* noteBegun(state)
}

/** The state's id, and another one in the place of one that is taken. */
export function idsOf(state: SessionState): (taken: string | undefined) => string {
  return (taken) => {
    if (state.id === taken) state.renewId()
    return state.id
  }
}

/** Creates a record under an id that is not taken. */
export function* createRecord(
  { store, app }: Policy,
  record: NewRecord,
  nextId: (taken: string | undefined) => string,
): Steps<{ id: string; key: SessionKey }> {
  let id: string | undefined
  for (let tries = 0; tries < MOST_IDS; tries++) {
    id = nextId(id)
    const key = sessionKey(id, app)
    // What `newId` looks at is the key without an application.
    if (!isNoSession(key) && (yield* settled(store.create(key, record)))) return { id, key }
  }
  throw new StoreUnavailableError(
    `The store says of each of ${MOST_IDS} new random ids that it is taken; it can't be working.`,
  )
}
