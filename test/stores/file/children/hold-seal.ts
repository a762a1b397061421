// Saves to a session until its journal is folded, and stops between the seal and the rename: directory, key.
import { writeSync } from 'node:fs'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import type { SessionKey } from 'untorn'
import { openFileStore } from '../../../../src/stores/file/file-store.ts'
import { watchedFiles } from '../../../support/faulty-files.ts'

const [directory, key] = (isMainThread ? process.argv.slice(2) : workerData) as [string, SessionKey]

const files = watchedFiles((call) => {
  if (call !== 'rename') return
  if (isMainThread) writeSync(1, 'sealed\n')
  else parentPort!.postMessage('sealed')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
const store = openFileStore(directory, { sweepEvery: 0 }, { files })
for (let n = 1; ; n++)
  await store.save(key, {
    set: new Map([
      ['n', String(n)],
      ['text', `"${'x'.repeat(500)}"`],
    ]),
  })
