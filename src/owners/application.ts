import { AT_ONCE, concurrently } from '../contract/concurrently.ts'
import type { SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { run } from '../contract/wait.ts'
import { signInOf } from './belonging.ts'
import { applicationKey } from './keys.ts'
import { raise } from './raise.ts'
import { type Epoch, newEpoch, OwnerRecord } from './record.ts'
import type { Registry } from './registry.ts'

/** The application's epoch; `undefined`: nothing was revoked, for longer than any session lives. */
export function applicationEpoch(record: SessionRecord | undefined): Epoch | undefined {
  return record && new OwnerRecord(record).epoch
}

/** Whether all sessions were ended since somebody has signed in under this epoch of the application's. */
export function allEndedSince(record: SessionRecord | undefined, application: string | null): boolean {
  const now = applicationEpoch(record)
  return now !== undefined && now.epoch !== application
}

/**
 * Ends every session that somebody has signed in to; those of other applications in the store stay. One that does not say whose
 * it is, as nobody has signed in to it by `login()`, ends, too. From now on no sign-in of before is valid, one that is under way
 * neither: it looks at the application's epoch before and after it is entered.
 */
export async function endEverything(registry: Registry): Promise<void> {
  const { store, app, clock, lifetime } = registry
  const now = await clock.now()
  const raised = newEpoch(now)
  // Kept for longer than a lifetime, so that no session is left that was there before when it goes.
  await run(raise(registry, applicationKey(app), raised, now + 2 * lifetime))
  await concurrently(store.records(), { concurrency: AT_ONCE }, ([key, record]) =>
    endIfOlder(registry, key, record, raised.epoch),
  )
}

async function endIfOlder(
  registry: Registry,
  key: SessionKey,
  { owner, values }: SessionRecord,
  epoch: string,
): Promise<void> {
  if (owner === undefined) return
  const signIn = signInOf(values)
  if (signIn !== undefined && (signIn.app !== registry.app || signIn.application === epoch)) return
  if (await registry.store.delete(key)) registry.ended(key, owner, 'everything')
}
