import type { SessionKey } from '../../../../src/contract/key.ts'
import type { SessionStore } from '../../../../src/contract/store.ts'
import type { MaybePromise } from '../../../../src/contract/wait.ts'

/** A store that makes the wrong thing of a lost answer; and what a visitor does that shows it. */
export interface Fault {
  fault: string
  wrong(right: SessionStore): SessionStore
  shownBy: string
}

export const faults: readonly Fault[] = [
  {
    fault: 'a save without an answer is made again',
    wrong: (right) => ({
      ...bound(right),
      save: (key, change, options) =>
        // By somebody who does not name the version again.
        Promise.resolve(right.save(key, change, options)).catch(async () => {
          const now = await untilAnswered(() => right.load(key))
          const set = new Map(now && [['count', `${Number(now.values.get('count')) + 1}`]])
          return untilAnswered(() => right.save(key, { ...change, set }))
        }),
    }),
    shownBy: 'counting',
  },
  {
    fault: 'a deletion without an answer is taken for done, and is not',
    wrong: (right) => ({
      ...bound(right),
      async delete(key) {
        // To lose the answer to this is to lose the deletion.
        const isThere = await answered(right.exists(key))
        return isThere === undefined || right.delete(key)
      },
    }),
    shownBy: 'signing out',
  },
  {
    fault: 'a creation without an answer is taken for done, and is undone',
    wrong: (right) => ({
      ...bound(right),
      create: (key, record) =>
        Promise.resolve(right.create(key, record)).catch(async () => {
          await untilAnswered(() => right.delete(key))
          return true
        }),
    }),
    shownBy: 'setting a first value',
  },
  {
    fault: 'a save without an answer ends the session',
    wrong: (right) => ({
      ...bound(right),
      save: (key, change, options) =>
        Promise.resolve(right.save(key, change, options)).catch(async (error) => {
          await untilAnswered(() => right.delete(key))
          throw error
        }),
    }),
    shownBy: 'setting a notice',
  },
  {
    fault: 'what was created last is removed when the next save has no answer',
    wrong(right) {
      let last: SessionKey | undefined
      return {
        ...bound(right),
        create(key, record) {
          last = key
          return right.create(key, record)
        },
        save: (key, change, options) =>
          Promise.resolve(right.save(key, change, options)).catch(async (error) => {
            const copy = last
            if (copy !== undefined && copy !== key) await untilAnswered(() => right.delete(copy))
            throw error
          }),
      }
    },
    shownBy: 'signing in, by who is signed in',
  },
  {
    fault: 'a load without an answer finds nothing',
    wrong: (right) => ({
      ...bound(right),
      load: (key) => answered(right.load(key)),
    }),
    shownBy: 'reading',
  },
]

/** All methods of a store, which are its class's. */
function bound(store: SessionStore): SessionStore {
  return {
    create: (key, record) => store.create(key, record),
    load: (key) => store.load(key),
    save: (key, change, options) => store.save(key, change, options),
    exists: (key) => store.exists(key),
    delete: (key) => store.delete(key),
    clearExpired: (options) => store.clearExpired(options),
    records: () => store.records(),
    close: () => store.close(),
  }
}

/** `undefined`: there was no answer. */
async function answered<T>(answer: MaybePromise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch {
    return undefined
  }
}

async function untilAnswered<T>(ask: () => MaybePromise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if (tries === 50) throw error
      await new Promise((later) => setTimeout(later, 20))
    }
  }
}
