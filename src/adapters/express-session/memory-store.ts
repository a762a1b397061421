import { callable } from './callable.ts'
import type { Callback, StoredSession } from './session.ts'
import { Store } from './store.ts'

type Sessions = Record<string, StoredSession>

class MemoryMethods extends Store {
  /** Each session as JSON, by its id. */
  declare sessions: Record<string, string>

  get(sid: string, callback: (error?: unknown, session?: StoredSession) => void): void {
    setImmediate(callback, null, found(this, sid))
  }

  set(sid: string, session: StoredSession, callback?: Callback): void {
    this.sessions[sid] = JSON.stringify(session)
    if (callback) setImmediate(callback)
  }

  destroy(sid: string, callback?: Callback): void {
    delete this.sessions[sid]
    if (callback) setImmediate(callback)
  }

  override touch(sid: string, session: StoredSession, callback?: Callback): void {
    const before = found(this, sid)
    if (before) this.sessions[sid] = JSON.stringify({ ...before, cookie: session.cookie })
    if (callback) setImmediate(callback)
  }

  all(callback?: (error: unknown, sessions: Sessions) => void): void {
    const all: Sessions = Object.create(null)
    for (const sid of Object.keys(this.sessions)) {
      const session = found(this, sid)
      if (session) all[sid] = session
    }
    if (callback) setImmediate(callback, null, all)
  }

  length(callback: (error: unknown, length?: number) => void): void {
    this.all((error, sessions) => callback(error, Object.keys(sessions).length))
  }

  clear(callback?: Callback): void {
    this.sessions = Object.create(null)
    if (callback) setImmediate(callback)
  }
}

/** What has expired is removed when somebody looks for it. */
function found({ sessions }: MemoryMethods, sid: string): StoredSession | undefined {
  const text = sessions[sid]
  if (text === undefined) return undefined
  const session: StoredSession = JSON.parse(text)
  const expires = session.cookie?.expires
  if (!expires || new Date(expires as Date) > new Date()) return session
  delete sessions[sid]
  return undefined
}

/** Sessions in the memory of this process, without a bound: for tests. */
export const MemoryStore = callable('MemoryStore', MemoryMethods, function (this: MemoryMethods) {
  Reflect.apply(Store as unknown as () => void, this, [])
  this.sessions = Object.create(null)
})
export type MemoryStore = MemoryMethods
