// Creates a session, and stops between making its file and writing to it: directory, key.
import { writeSync } from 'node:fs'
import type { SessionKey } from 'untorn'
import { openFileStore } from '../../../../src/stores/file/file-store.ts'
import { watchedFiles } from '../../../support/faulty-files.ts'

const [directory, key] = process.argv.slice(2) as [string, SessionKey]

const files = watchedFiles((call) => {
  if (call !== 'append') return
  writeSync(1, 'made\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
openFileStore(directory, { sweepEvery: 0 }, { files }).create(key, {
  values: new Map(),
  createdAt: Date.now(),
  expiresAt: Date.now() + 60_000,
})
