import type { SessionStore } from '../contract/store.ts'
import { invalidArgument } from '../errors.ts'

const CALLS = ['create', 'load', 'save', 'exists', 'delete', 'clearExpired', 'records', 'close'] as const

/** Throws `TypeError` for what is no store: its options, say, or what makes one. */
export function assertStore(store: unknown): asserts store is SessionStore {
  const given = (store ?? {}) as Partial<SessionStore>
  const lacks = CALLS.find((call) => typeof given[call] !== 'function')
  if (lacks !== undefined) throw invalidArgument('store', `a store is needed, and this has no \`${lacks}()\``)
}
