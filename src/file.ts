export { type CheckDirectoryOptions, checkDirectory } from './stores/file/check-directory.ts'
export type { FileStoreEvent } from './stores/file/events.ts'
export {
  type FileStore,
  type FileStoreStats,
  fileStore,
  type SyncFileStore,
} from './stores/file/file-store.ts'
export type { DirectoryFinding, FindingCode } from './stores/file/findings.ts'
export type { FileStoreOptions } from './stores/file/options.ts'
