export type { FileStoreEvent, FileStoreStats } from './stores/file/context.ts'
export { type FileStore, fileStore, type PooledFileStore } from './stores/file/file-store.ts'
export type { FileStoreOptions } from './stores/file/options.ts'
