export type { FileStoreEvent } from './stores/file/events.ts'
export {
  type FileStore,
  type FileStoreStats,
  fileStore,
  type SyncFileStore,
} from './stores/file/file-store.ts'
export type { FileStoreOptions } from './stores/file/options.ts'
