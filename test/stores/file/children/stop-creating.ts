// Creates a session, and stops between making its file and writing to it: directory, key.
import { writeSync } from 'node:fs'
import type { SessionKey } from 'untorn'
import { openFileStore } from '../../../../src/stores/file/file-store.ts'
import { watchedFiles } from '../../../support/faulty-files.ts'

const [directory, key] = process.argv.slice(2) as [string, SessionKey]

let isOpen = false
const files = watchedFiles((call) => {
  // A start appends, too.
  if (call !== 'append' || !isOpen) return
  writeSync(1, 'made\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})
const store = openFileStore(directory, { sweepEvery: 0 }, { files })
isOpen = true
await store.create(key, {
  values: new Map(),
  createdAt: Date.now(),
  expiresAt: Date.now() + 60_000,
})
