import type { SessionStore } from '../../contract/store.ts'
import { fileStore } from './file-store.ts'
import { DEFAULT_DIRECTORY } from './location.ts'

/** Where sessions are kept if nobody says so: in files below the working directory. Made when it is asked for. */
export const defaultStore = (): SessionStore => fileStore(DEFAULT_DIRECTORY)
