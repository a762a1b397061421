import type { SessionStore } from '../contract/store.ts'
import { InvalidOptionError } from '../errors.ts'

/** The two stores that everything here is about. */
export interface Stores {
  /** The store that sessions come from. */
  from: SessionStore
  /** The store that they go to. */
  to: SessionStore
}

export interface Course {
  /** Ends it early, between two sessions; the promise then rejects with the signal's reason. */
  signal?: AbortSignal
  /** Sessions worked on at the same time. Default: 16. */
  concurrency?: number
}

const CONCURRENCY = 16

const VERBS = ['create', 'load', 'save', 'delete', 'records'] as const

/** Throws `InvalidOptionError` for what can't be used, and gives the concurrency. */
export function checkedOptions(call: string, options: Stores & Course, known: readonly string[]): number {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidOptionError('options', `${call}(options) takes an object`)
  }
  const all = ['from', 'to', 'signal', 'onProgress', 'concurrency', ...known]
  const unknown = Object.keys(options).find((name) => !all.includes(name))
  if (unknown !== undefined) throw new InvalidOptionError(unknown, `${call} knows ${all.join(', ')}`)
  for (const name of ['from', 'to'] as const) {
    const lacks = VERBS.find((verb) => typeof options[name]?.[verb] !== 'function')
    if (lacks !== undefined) throw new InvalidOptionError(name, `it is a store, and has no ${lacks}()`)
  }
  if (options.from === options.to) throw new InvalidOptionError('to', 'it is the same store as `from`')
  const { concurrency = CONCURRENCY } = options
  if (Number.isSafeInteger(concurrency) && concurrency >= 1) return concurrency
  throw new InvalidOptionError('concurrency', 'it is a whole number from 1 on')
}
