import { setTimeout as delay } from 'node:timers/promises'
import { fileStore } from '../../src/file.ts'
import type { SessionStore } from '../../src/index.ts'
import { memoryStore } from '../../src/memory.ts'
import { temporaryDirectory } from '../support/directory.ts'

const LATE = ['create', 'load', 'save', 'exists', 'delete']

/** Each call takes a few milliseconds, before and after it takes effect. */
export function late(store: SessionStore = memoryStore()): SessionStore {
  return new Proxy(store, {
    get(_, name) {
      const own = Reflect.get(store, name)
      if (typeof own !== 'function') return own
      if (!LATE.includes(String(name))) return own.bind(store)
      return async (...args: unknown[]) => {
        await delay(1 + Math.random() * 4)
        const answer = await own.apply(store, args)
        await delay(1 + Math.random() * 4)
        return answer
      }
    },
  })
}

/** What every socket is asked over. */
export const STORES: Record<string, () => SessionStore> = {
  memory: () => memoryStore(),
  files: () => fileStore(temporaryDirectory()),
  'a late store': () => late(),
}
