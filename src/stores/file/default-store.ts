import type { SessionStore } from '../../contract/store.ts'
import { fileStore } from './file-store.ts'

/** Where sessions are kept if nobody says so: in files below the working directory. Made when it is asked for. */
export const defaultStore = (): SessionStore => fileStore('./.sessions')
