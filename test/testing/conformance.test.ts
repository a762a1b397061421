import { describe } from 'vitest'
import type { SessionStore } from '../../src/contract/store.ts'
import { memoryStore } from '../../src/memory.ts'
import { type Data, minimalStore } from '../../src/testing/minimal-store.ts'
import { delayedStore } from './delayed-store.ts'
import { testConformance } from './run-cases.ts'

const noReopen = 'nobody else sees the memory of this process'

/** Opens stores of one kind, and others over the same data. */
function overMaps(make: (data: Data) => SessionStore) {
  const dataOf = new WeakMap<SessionStore, Data>()
  return {
    open() {
      const data: Data = new Map()
      const store = make(data)
      dataOf.set(store, data)
      return store
    },
    reopen: (store: SessionStore) => make(dataOf.get(store)!),
  }
}

describe('the shortest store keeps every promise', () => testConformance(overMaps(minimalStore)))

describe.concurrent('so does one that answers each call late, by a promise', () =>
  testConformance(overMaps((data) => delayedStore(minimalStore(data)))))

describe('the memory store keeps every promise', () =>
  testConformance({ open: () => memoryStore(), without: { reopen: noReopen } }))

describe.concurrent('so does the memory store behind late answers', () =>
  testConformance({ open: () => delayedStore(memoryStore()), without: { reopen: noReopen } }))
