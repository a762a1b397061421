import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestHandler } from 'express'
import type { SessionKey } from '../../../src/contract/key.ts'
import { applyChange, copyRecord, type SessionRecord } from '../../../src/contract/record.ts'
import type { SaveResult, SessionStore } from '../../../src/contract/store.ts'
import { type Data, type MinimalStore, minimalStore } from '../../../src/testing/minimal-store.ts'
import { reservedKeys } from '../../../src/values/data.ts'

/** What one request has loaded, by key: the stores of other libraries work on that to the request's end. */
type Loaded = Map<SessionKey, SessionRecord>
const requests = new AsyncLocalStorage<Loaded>()

/** For the application: gives each request its own. */
export const eachRequest: RequestHandler = (_req, _res, next) => requests.run(new Map(), next)

/** A store that breaks a promise of the contract: in place of the verbs of a correct one. */
export interface Fault {
  fault: string
  verbs(correct: MinimalStore, data: Data): Partial<SessionStore>
}

export function faultyStore({ verbs }: Fault): SessionStore {
  const data: Data = new Map()
  const correct = minimalStore(data)
  const noting: MinimalStore = {
    ...correct,
    load(key) {
      const record = correct.load(key)
      if (record) requests.getStore()?.set(key, copyRecord(record))
      return record
    },
  }
  return { ...noting, ...verbs(noting, data) }
}

const asLoaded = (key: SessionKey) => requests.getStore()?.get(key)

function put(data: Data, key: SessionKey, record: SessionRecord): SaveResult {
  data.set(key, record)
  requests.getStore()?.set(key, copyRecord(record))
  return { outcome: 'saved', record: copyRecord(record) }
}

export const lastWriterWins: Fault = {
  fault: 'the last writer wins: a save writes the whole session as its request had loaded it',
  verbs: (correct, data) => ({
    save(key, change, options) {
      const loaded = asLoaded(key)
      if (!loaded || !correct.exists(key)) return correct.save(key, change, options)
      return put(data, key, applyChange(loaded, change))
    },
  }),
}

export const reviving: Fault = {
  fault: 'a save brings a session back that was deleted or has expired',
  verbs: (correct, data) => ({
    save(key, change, options) {
      const loaded = asLoaded(key)
      if (!loaded || correct.exists(key)) return correct.save(key, change, options)
      return put(data, key, applyChange(loaded, change))
    },
  }),
}

export const unconditional: Fault = {
  fault: 'a conditional save is saved whatever the version',
  verbs: (correct) => ({ save: (key, change) => correct.save(key, change) }),
}

export const firstWriterWins: Fault = {
  fault: 'the first writer wins: a save that others were faster than is dropped in silence',
  verbs: (correct) => ({
    save(key, change, options) {
      const loaded = asLoaded(key)
      const current = correct.save(key, {})
      if (!loaded || current.outcome !== 'saved') return correct.save(key, change, options)
      return loaded.version === current.record.version ? correct.save(key, change, options) : current
    },
  }),
}

export const sharedValues: Fault = {
  fault: 'what a load returned changes with the saves and the end of the session',
  verbs: (correct, data) => ({
    load: (key) => (correct.exists(key) ? data.get(key) : undefined),
    save(key, change, options) {
      const record = data.get(key)
      const result = correct.save(key, change, options)
      if (result.outcome !== 'saved' || !record) return result
      const values = record.values as Map<string, string>
      values.clear()
      for (const [name, text] of result.record.values) values.set(name, text)
      data.set(key, { ...result.record, values })
      return result
    },
    delete(key) {
      ;(data.get(key)?.values as Map<string, string> | undefined)?.clear()
      return correct.delete(key)
    },
  }),
}

export const byHalves: Fault = {
  fault: 'a save of several values can be seen half-way',
  verbs(correct) {
    let seen = () => {}
    return {
      load(key) {
        seen()
        return correct.load(key)
      },
      async save(key, change, options) {
        const [first, ...rest] = change.set ?? []
        if (first === undefined || rest.length === 0) return correct.save(key, change, options)
        correct.save(key, { set: new Map([first]) })
        // Until somebody looks, or nobody seems to want to.
        await new Promise<void>((resolve) => {
          seen = resolve
          setTimeout(resolve, 1000)
        })
        return correct.save(key, { ...change, set: new Map(rest) })
      },
    }
  },
}

export const deletesNothing: Fault = {
  fault: 'a delete, an end, and the mark of a replaced id say that they are done, and nothing is',
  verbs: (correct) => ({
    delete: (key) => correct.exists(key),
    save(key, { expiresAt, ...change }, options) {
      const mark = change.set?.get(reservedKeys.moved)
      if (mark === undefined) return correct.save(key, change, options)
      const result = correct.save(key, {}, options)
      if (result.outcome !== 'saved') return result
      const values = new Map(result.record.values).set(reservedKeys.moved, mark)
      return { ...result, record: { ...result.record, values } }
    },
  }),
}

export const keepsDeletedValues: Fault = {
  fault: 'a save that deletes values leaves them',
  verbs: (correct) => ({
    save: (key, { delete: _, ...change }, options) => correct.save(key, change, options),
  }),
}

export const forgetful: Fault = {
  fault: 'what lives for ten minutes is not stored',
  verbs: (correct) => ({
    create: (key, record) => record.expiresAt <= Date.now() + 600_000 || correct.create(key, record),
  }),
}

export const shortLived: Fault = {
  fault: 'a load says of every session that its time is nearly up',
  verbs: (correct) => ({
    load(key) {
      const record = correct.load(key)
      return record && { ...record, expiresAt: Date.now() + 1000 }
    },
  }),
}
