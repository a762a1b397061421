import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import expressSession from 'express-session'
import sessionFileStore from 'session-file-store'
import untornSession from 'untorn/express-session'
import { fileStore } from 'untorn/file'

const FileStore = sessionFileStore(expressSession)

/**
 * Which sessions race. `open` gives the middleware, whose options are the same for all but for the store, and what ends it.
 * `folder`: an empty one of its own.
 */
export const implementations = [
  {
    id: 'untorn',
    name: 'untorn/express-session',
    store: 'its files',
    open(folder) {
      const store = fileStore(join(folder, 'untorn'))
      return { sessions: untornSession(options({ store })), close: () => store.close() }
    },
  },
  {
    id: 'memory',
    name: 'express-session',
    store: 'MemoryStore',
    open: () => ({ sessions: expressSession(options({})) }),
  },
  {
    id: 'file',
    name: 'express-session',
    store: 'session-file-store',
    open: (folder) => ({ sessions: expressSession(options({ store: filesIn(folder) })) }),
  },
  {
    id: 'kept-store',
    name: 'untorn/express-session',
    store: 'session-file-store, kept as its store',
    open: (folder) => ({ sessions: untornSession(options({ store: filesIn(folder) })) }),
  },
]

/** With its own defaults, retries included; only its log is off. */
function filesIn(folder) {
  return new FileStore({ path: join(folder, 'session-file-store'), logFn() {} })
}

/** As express-session's documentation advises: nothing is saved that wasn't changed. */
function options(store) {
  const secret = randomBytes(32).toString('hex')
  return { ...store, secret, resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }
}
