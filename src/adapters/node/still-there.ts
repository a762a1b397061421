import { isPromise, type MaybePromise } from '../../contract/wait.ts'
import { SessionGoneError } from '../../errors.ts'
import type { Session } from '../../session/session.ts'

/** Fails for a session that is known to be gone, also where there was nothing to do for it. */
export function orGone<Data extends object>(
  core: Session<Data>,
  work: MaybePromise<void>,
): MaybePromise<void> {
  const look = () => {
    if (core.expiresAt === 0) throw new SessionGoneError()
  }
  return isPromise(work) ? work.then(look) : look()
}

/** Carries out work; whether the session was still there for it. */
export async function isThere(work: () => MaybePromise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof SessionGoneError) return false
    throw error
  }
}
