import type { SessionStore } from '../../src/contract/store.ts'
import type { ConformanceOptions } from '../../src/testing/conformance.ts'
import { type Data, type MinimalStore, minimalStore } from '../../src/testing/minimal-store.ts'

/** A store that breaks a promise, and the cases that have to notice. */
export interface Fault {
  fault: string
  caughtBy: readonly string[]
  options: ConformanceOptions
}

/** The shortest store with some verbs replaced; `correct` is the store before that, over the same data. */
export function fault(
  fault: string,
  replace: (correct: MinimalStore, data: Data) => Partial<SessionStore>,
  ...caughtBy: string[]
): Fault {
  const open = () => faulty(replace, new Map())
  return { fault, caughtBy, options: { open, without: { reopen: 'the fault shows in one store object' } } }
}

/** The same for a fault that only shows through a second store object. */
export function faultBetweenObjects(
  fault: string,
  replace: (correct: MinimalStore, data: Data) => Partial<SessionStore>,
  ...caughtBy: string[]
): Fault {
  const dataOf = new WeakMap<SessionStore, Data>()
  const open = () => {
    const data: Data = new Map()
    const store = faulty(replace, data)
    dataOf.set(store, data)
    return store
  }
  const reopen = (store: SessionStore) => faulty(replace, dataOf.get(store)!)
  return {
    fault,
    caughtBy: caughtBy.map((title) => `${title}, through two store objects`),
    options: { open, reopen },
  }
}

function faulty(
  replace: (correct: MinimalStore, data: Data) => Partial<SessionStore>,
  data: Data,
): SessionStore {
  const correct = minimalStore(data)
  return { ...correct, ...replace(correct, data) }
}

/** Lets other calls come in between. */
export const meanwhile = () => new Promise<void>((resume) => setImmediate(resume))
