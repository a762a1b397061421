import { assertSessionKey } from '../contract/check.ts'
import { isNoSession, type SessionKey } from '../contract/key.ts'
import { after, type MaybePromise } from '../contract/wait.ts'
import { KeyedSession } from '../session/keyed-session.ts'
import { loadSession } from '../session/moved.ts'
import type { Policy } from '../session/policy.ts'
import type { Session } from '../session/session.ts'
import { live } from '../session/standing.ts'
import { type RequestFacts, SessionState } from '../session/state.ts'
import type { AnyData } from '../values/data.ts'

const NO_REQUEST: RequestFacts = {
  secure: false,
  arrivedAt: 0,
  context: undefined,
  clientHasCookie: false,
  leftovers: undefined,
  dead: [],
  byKey: true,
}

/** A session that a listing or an event has named, without a request; `undefined` where there is none any more. */
export function sessionByKey<Data extends object = AnyData>(
  policy: Policy,
  key: SessionKey,
): MaybePromise<Session<Data> | undefined> {
  assertSessionKey(key)
  if (isNoSession(key)) return undefined
  return after(loadSession(policy.store, key), (record) => {
    if (record === undefined) return undefined
    return after(policy.clock.now(), (now) => {
      if (policy.expiry.isOver(record, now)) return undefined
      return new KeyedSession<Data>(new SessionState(policy, NO_REQUEST, live({ id: '', key, record })))
    })
  })
}
