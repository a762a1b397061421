import { fault, meanwhile } from '../fault.ts'

export const sweeping = [
  fault(
    'a sweep removes live sessions',
    (_correct, data) => ({
      async clearExpired({ onProgress } = {}) {
        const removed = data.size
        data.clear()
        onProgress?.({ done: 1, total: 1, scanned: removed, removed })
        return { scanned: removed, removed }
      },
    }),
    'swept: a sweep leaves every live session as it is',
    'swept: sweeps at the same time do no harm',
    'swept: a sweep removes exactly what has expired, and says how much',
    'whole: a sweep leaves a new session as it is',
    'whole: a sweep leaves a session without values as it is',
    'gone is gone: a delete and a sweep at once leave nothing, and no other session is hurt',
  ),
  fault(
    'a sweep removes nothing',
    () => ({ clearExpired: async () => ({ scanned: 0, removed: 0 }) }),
    'declared: the store leaves expired sessions to the sweep, or it is said why not',
    'swept: a sweep removes exactly what has expired, and says how much',
    'swept: a sweep removes a session that a save has ended',
    'swept: a sweep reports its progress to the end, with the counts that it returns',
  ),
  fault(
    'a sweep counts what it removed before',
    (correct) => {
      let ever = 0
      return {
        async clearExpired(options) {
          const { scanned, removed } = await correct.clearExpired(options)
          ever += removed
          return { scanned, removed: ever }
        },
      }
    },
    'swept: a second sweep finds nothing left',
  ),
  fault(
    'sweeps at the same time count the same sessions',
    (_correct, data) => ({
      async clearExpired() {
        const expired = [...data].filter(([, { expiresAt }]) => expiresAt <= Date.now()).map(([key]) => key)
        await meanwhile()
        for (const key of expired) data.delete(key)
        return { scanned: data.size, removed: expired.length }
      },
    }),
    'swept: sweeps at the same time count each removed session once',
  ),
  fault(
    'a sweep ignores its signal',
    (correct) => ({
      clearExpired: ({ onProgress } = {}) => correct.clearExpired(onProgress ? { onProgress } : {}),
    }),
    'swept: a sweep whose signal is already aborted rejects with its reason',
    'swept: a sweep whose signal is already aborted removes nothing',
  ),
  fault(
    'a sweep looks at its signal when it is done',
    (correct) => ({
      async clearExpired({ signal, ...rest } = {}) {
        const swept = await correct.clearExpired(rest)
        signal?.throwIfAborted()
        return swept
      },
    }),
    'swept: a sweep whose signal is already aborted removes nothing',
  ),
  fault(
    'a sweep that is aborted rejects with an error of its own',
    (correct) => ({
      clearExpired: (options) =>
        correct.clearExpired(options).catch((error: unknown) => {
          throw new Error('the sweep was aborted', { cause: error })
        }),
    }),
    'swept: a sweep whose signal is already aborted rejects with its reason',
  ),
  fault(
    'a sweep that is aborted midway says that it is done',
    (correct, data) => ({
      async clearExpired({ signal, onProgress } = {}) {
        signal?.throwIfAborted()
        onProgress?.({ done: 0, total: 2, scanned: 0, removed: 0 })
        await meanwhile()
        if (signal?.aborted) return { scanned: 0, removed: 0 }
        const swept = await correct.clearExpired()
        onProgress?.({ done: 2, total: 2, ...swept })
        return { ...swept, scanned: data.size + swept.removed }
      },
    }),
    'swept: a sweep that is aborted midway rejects with the reason, and leaves every live session',
    'swept: a sweep that is aborted right after its start rejects with the reason, or is done',
  ),
  fault(
    'the progress of a sweep never reaches the end',
    (correct) => ({
      clearExpired: ({ onProgress, ...rest } = {}) =>
        correct.clearExpired({
          ...rest,
          onProgress: (report) => onProgress?.({ ...report, done: report.total - 1 }),
        }),
    }),
    'swept: a sweep reports its progress to the end, with the counts that it returns',
  ),
  fault(
    'a sweep brings deleted sessions back',
    (correct, data) => {
      const deleted = new Map(data)
      return {
        delete(key) {
          const record = correct.load(key)
          if (record) deleted.set(key, record)
          return correct.delete(key)
        },
        clearExpired(options) {
          for (const [key, record] of deleted) data.set(key, record)
          return correct.clearExpired(options)
        },
      }
    },
    'gone is gone: a sweep does not bring a deleted session back',
  ),
  fault(
    'a sweep extends what it meets',
    (_correct, data) => ({
      async clearExpired() {
        for (const [key, record] of data) data.set(key, { ...record, expiresAt: Date.now() + 60_000 })
        return { scanned: data.size, removed: 0 }
      },
    }),
    'expiry: a sweep does not bring a session that was stored expired back',
    'expiry: a sweep does not bring a session that expired in use back',
    'gone is gone: a sweep does not bring a session that a save has ended back',
  ),
]
