import { oneForAllCopies } from '../../across-copies.ts'
import type { SessionStore } from '../../contract/store.ts'
import { asStore } from '../../options/store.ts'

/** Next.js loads one module several times in a process: for pages, for route handlers, and at each change of it in `next dev`. */
function stores(): Map<string, SessionStore> {
  return oneForAllCopies('next.stores', () => new Map<string, SessionStore>())
}

/** The store of this name that the process has already, or the one that is made now. Throws what `make` throws. */
export function sharedStore(of: string, make: () => SessionStore): SessionStore {
  const all = stores()
  const store = all.get(of) ?? asStore('store', make())
  all.set(of, store)
  return store
}

/** It is closed: whoever asks for it next gets another one. */
export function forget(store: SessionStore): void {
  const all = stores()
  for (const [of, each] of all) if (each === store) all.delete(of)
}
