// Adds to one counter with conditional saves, in a worker thread: directory, key, times.
import { parentPort, workerData } from 'node:worker_threads'
import type { SessionKey } from 'untorn'
import { fileStore } from 'untorn/file'

const [directory, key, times] = workerData as [string, SessionKey, number]
const store = fileStore(directory, { sweepEvery: 0 })
for (let n = 0; n < times; n++) {
  let record = store.load(key)!
  for (;;) {
    const set = new Map([['count', String(Number(record.values.get('count')) + 1)]])
    const result = await store.save(key, { set }, { ifVersion: record.version })
    if (result.outcome === 'gone') throw new Error('The session is gone.')
    record = result.record
    if (result.outcome === 'saved') break
  }
}
parentPort!.postMessage(store.stats.folds)
await store.close()
