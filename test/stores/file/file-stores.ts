import { onTestFinished } from 'vitest'
import { type FileStore, openFileStore, type System } from '../../../src/stores/file/file-store.ts'
import type { FileStoreOptions } from '../../../src/stores/file/options.ts'
import { temporaryDirectory } from '../../support/directory.ts'

/** What a test of the file store may put in the place of its parts. */
export interface StoreParts extends Partial<System> {
  directory?: string
  options?: FileStoreOptions
}

/** A file store in a directory of its own, closed when the test is over. */
export function openStore({
  directory = temporaryDirectory(),
  options,
  ...system
}: StoreParts = {}): FileStore {
  const store = openFileStore(directory, { sweepEvery: 0, ...options }, system)
  onTestFinished(async () => await store.close())
  return store
}

/** Where a session's journal is. */
export function journalPath(store: FileStore, key: string): string {
  return `${store.directory}/${key.slice(0, 2)}/${key.slice(2)}`
}
