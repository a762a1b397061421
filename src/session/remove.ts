import type { SessionKey } from '../contract/key.ts'
import { type Steps, settled } from '../contract/wait.ts'
import type { Policy } from './policy.ts'

/** For a record that nobody can reach any more: what fails here is left to the sweep. */
export function* removeQuietly({ store, report }: Policy, key: SessionKey): Steps<void> {
  try {
    yield* settled(store.delete(key))
  } catch (error) {
    report({ type: 'error', error })
  }
}
