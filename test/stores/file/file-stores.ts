import { onTestFinished } from 'vitest'
import {
  type FileStore,
  openFileStore,
  type SyncFileStore,
  type System,
} from '../../../src/stores/file/file-store.ts'
import type { Files } from '../../../src/stores/file/files.ts'
import { nodeFiles } from '../../../src/stores/file/node-files.ts'
import type { FileStoreOptions } from '../../../src/stores/file/options.ts'
import { temporaryDirectory } from '../../support/directory.ts'

/** What a test of the file store may put in the place of its parts. */
export interface StoreParts extends Partial<System> {
  directory?: string
  options?: FileStoreOptions
}

/** A file store in a directory of its own, closed when the test is over. Its start has the real files. */
export function openStore({
  directory = temporaryDirectory(),
  options,
  files = nodeFiles,
  ...system
}: StoreParts = {}): SyncFileStore {
  let started = false
  const current = (): Files => (started ? files : nodeFiles)
  const store = openFileStore(
    directory,
    { sweepEvery: 0, ...options },
    { ...system, files: filesOf(current) },
  )
  started = true
  onTestFinished(async () => await store.close())
  return store
}

/** Files whose every call goes to those that are current. */
function filesOf(current: () => Files): Files {
  const calls = Object.keys(nodeFiles).map((name) => [
    name,
    (...args: never[]) => (current()[name as keyof Files] as (...args: never[]) => unknown)(...args),
  ])
  return Object.fromEntries(calls) as Files
}

/** Where a session's journal is. */
export function journalPath(store: FileStore, key: string): string {
  return `${store.directory}/${key.slice(0, 2)}/${key.slice(2)}`
}
