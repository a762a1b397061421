import { EventEmitter } from 'node:events'
import { callable } from './callable.ts'
import {
  type Callback,
  type Session,
  type SessionRequest,
  type StoredSession,
  sessionFrom,
} from './session.ts'

/** What {@link Store} gives to every store that derives from it; `get`, `set` and `destroy` are the store's own. */
abstract class StoreMethods extends EventEmitter {
  /** Set by the middleware that the store is given to: a new session for the request. */
  declare generate: (req: SessionRequest) => void

  abstract get(sid: string, callback: (error?: unknown, session?: StoredSession | null) => void): void
  abstract set(sid: string, session: StoredSession, callback?: Callback): void
  abstract destroy(sid: string, callback?: Callback): void
  /** Notes that a session was used. Without it, a use is noted by saving the session. */
  touch?(sid: string, session: StoredSession, callback?: Callback): void

  /** Ends the session of the request, and gives it a new and empty one. */
  regenerate(req: SessionRequest, callback: Callback): void {
    this.destroy(req.sessionID, (error) => {
      this.generate(req)
      callback(error)
    })
  }

  /** A session by its id, without a request. Nothing, if there is none. */
  load(sid: string, callback: (error?: unknown, session?: Session) => void): void {
    this.get(sid, (error, data) => {
      if (error) return callback(error)
      if (!data) return callback()
      callback(null, this.createSession({ sessionID: sid, sessionStore: this }, data))
    })
  }

  /** Makes the session of a request from what `get` has answered. */
  createSession(req: SessionRequest, data: StoredSession): Session {
    return sessionFrom(req, data)
  }
}

/** What every store of express-session's derives from. It emits `disconnect` and `connect` where requests are to go without. */
export const Store = callable(
  'Store',
  StoreMethods as unknown as new () => StoreMethods,
  function (this: StoreMethods) {
    Reflect.apply(EventEmitter as unknown as () => void, this, [])
  },
) as unknown as typeof StoreMethods
export type Store = StoreMethods
