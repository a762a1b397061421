import { shortKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { SessionGoneError } from '../errors.ts'
import type { Policy } from './policy.ts'
import type { SessionState } from './state.ts'

/** The session was destroyed, has expired or got another id: the request's changes are dropped, and somebody is told. */
export function lost(state: SessionState): never {
  const [key] = state.keysToEnd()
  state.lose()
  if (key !== undefined) state.policy.report({ type: 'gone', key: shortKey(key) })
  throw new SessionGoneError()
}

/** A record that the store still has, and that is too old all the same: the options may have become stricter. */
export function isOver({ expiry }: Policy, record: SessionRecord): boolean {
  return expiry.end(record.createdAt, expiry.mode(record.values)) <= Date.now()
}
