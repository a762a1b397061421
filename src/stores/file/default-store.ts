import type { SessionStore } from '../../contract/store.ts'
import { type FileStore, fileStore } from './file-store.ts'
import { DEFAULT_DIRECTORY } from './location.ts'

/** Where sessions are kept if nobody says so: in files below the working directory. Made when it is asked for. */
export const defaultStore = (): SessionStore => fileStore(DEFAULT_DIRECTORY)

/**
 * The same, made when a session is first asked for: a framework that builds an application loads its code, to render pages perhaps, and is
 * to leave nothing behind.
 */
export function defaultStoreOnUse(): SessionStore {
  let made: FileStore | undefined
  const store = (): FileStore => {
    made ??= fileStore(DEFAULT_DIRECTORY)
    return made
  }
  return {
    loadsAtOnce: true,
    create: (key, record) => store().create(key, record),
    load: (key) => store().load(key),
    save: (key, change, options) => store().save(key, change, options),
    exists: (key) => store().exists(key),
    delete: (key) => store().delete(key),
    clearExpired: (options) => store().clearExpired(options),
    records: (options) => store().records(options),
    byOwner: (owner) => store().byOwner(owner),
    count: () => store().count(),
    close: () => made?.close(),
  }
}
