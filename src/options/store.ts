import { types } from 'node:util'
import type { SessionSource } from '../contract/source.ts'
import type { SessionStore } from '../contract/store.ts'
import { InvalidOptionError } from '../errors.ts'
import { asObject } from './checks.ts'

const OF_SOURCE = ['load', 'records', 'close'] as const
const OF_STORE = ['create', 'load', 'save', 'exists', 'delete', 'clearExpired', 'records', 'close'] as const

/** An option that is a store: it has all that a store has to have. */
export function asStore(option: string, value: unknown): SessionStore {
  return having<SessionStore>(option, value, OF_STORE)
}

/** An option that is a store, or only can be read: it has all of either. */
export function asSource(option: string, value: unknown): SessionSource {
  const { load, save, create } = asObject(option, value)
  const isRead = typeof load === 'function' && save === undefined && create === undefined
  return having<SessionSource>(option, value, isRead ? OF_SOURCE : OF_STORE)
}

function having<Source>(option: string, value: unknown, verbs: readonly string[]): Source {
  const store = asObject(option, value)
  const lacks = verbs.find((verb) => typeof store[verb] !== 'function')
  if (lacks === undefined) return value as Source
  if (types.isPromise(value)) throw new InvalidOptionError(option, 'it is a promise: `await` the store')
  throw new InvalidOptionError(option, `it has no method \`${lacks}\`; is it made by a function of untorn?`)
}

/** What sessions come from, and the store that they go to. */
export function asTwoStores(given: { from?: unknown; to?: unknown }): {
  from: SessionSource
  to: SessionStore
} {
  const [from, to] = [asSource('from', given.from), asStore('to', given.to)]
  if (from === to) throw new InvalidOptionError('to', 'it is the same store as `from`')
  return { from, to }
}
