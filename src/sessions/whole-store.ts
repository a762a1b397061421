import { setTimeout as delay } from 'node:timers/promises'
import { keyOfNoSession } from '../contract/key.ts'
import type { SessionStore } from '../contract/store.ts'
import type { MaybePromise } from '../contract/wait.ts'
import { StoreUnavailableError, UntornError } from '../errors.ts'

/** About how many sessions a store holds. */
export function countSessions(store: SessionStore): MaybePromise<number> {
  return store.count === undefined ? countByReading(store) : store.count()
}

async function countByReading(store: SessionStore): Promise<number> {
  let count = 0
  for await (const _ of store.records()) count++
  return count
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
