import { setTimeout as delay } from 'node:timers/promises'
import { AT_ONCE, concurrently } from '../contract/concurrently.ts'
import { keyOfNoSession, type SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import type { SessionStore } from '../contract/store.ts'
import type { MaybePromise } from '../contract/wait.ts'
import { StoreUnavailableError, UntornError } from '../errors.ts'
import { isMoved } from '../session/moved.ts'
import type { Policy } from '../session/policy.ts'

/** About how many sessions a store holds. */
export function countSessions(store: SessionStore): MaybePromise<number> {
  return store.count === undefined ? countByReading(store) : store.count()
}

async function countByReading(store: SessionStore): Promise<number> {
  let count = 0
  for await (const _ of store.records()) count++
  return count
}

/** Every session that lives by the options as they are now; what has another record since is no session. */
export async function* liveSessions({
  store,
  clock,
  expiry,
}: Policy): AsyncGenerator<[SessionKey, SessionRecord]> {
  for await (const [key, record] of store.records()) {
    if (!isMoved(record) && !expiry.isOver(record, clock.known)) yield [key, record]
  }
}

/** Removes every session of a listing. How many there were. */
export async function clearSessions(store: SessionStore): Promise<number> {
  let ended = 0
  await concurrently(store.records(), { concurrency: AT_ONCE }, async ([key, record]) => {
    if ((await store.delete(key)) && !isMoved(record)) ended++
  })
  return ended
}

/** No session has this key, and none is ever made under it: to look for it is the least that a store can be asked. */
const NOBODY = keyOfNoSession('ping')

/** Milliseconds, for stores that have no deadline of their own. */
const DEADLINE = 5000

/** Whether a store answers. Rejects with an error of untorn's. */
export async function ping(store: SessionStore): Promise<void> {
  const answered = new AbortController()
  const late = delay(DEADLINE, undefined, { signal: answered.signal }).then(() => {
    throw new StoreUnavailableError(`The store has not answered within ${DEADLINE / 1000} seconds.`)
  })
  try {
    await Promise.race([(async () => store.exists(NOBODY))(), late])
  } catch (error) {
    if (error instanceof UntornError) throw error
    throw new StoreUnavailableError(
      'The store failed when it was asked whether it is there; see the cause.',
      {
        cause: error,
      },
    )
  } finally {
    answered.abort()
  }
}
