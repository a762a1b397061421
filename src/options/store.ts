import { types } from 'node:util'
import type { SessionStore } from '../contract/store.ts'
import { InvalidOptionError } from '../errors.ts'
import { asObject } from './checks.ts'

const VERBS = ['create', 'load', 'save', 'exists', 'delete', 'clearExpired', 'records', 'close'] as const

/** An option that is a store: it has all that a store has to have. */
export function asStore(option: string, value: unknown): SessionStore {
  const store = asObject(option, value)
  const lacks = VERBS.find((verb) => typeof store[verb] !== 'function')
  if (lacks === undefined) return value as SessionStore
  if (types.isPromise(value)) throw new InvalidOptionError(option, 'it is a promise: `await` the store')
  throw new InvalidOptionError(option, `it has no method \`${lacks}\`; is it made by a function of untorn?`)
}

/** Two stores between which sessions go. */
export function asTwoStores(given: { from?: unknown; to?: unknown }): {
  from: SessionStore
  to: SessionStore
} {
  const [from, to] = [asStore('from', given.from), asStore('to', given.to)]
  if (from === to) throw new InvalidOptionError('to', 'it is the same store as `from`')
  return { from, to }
}
