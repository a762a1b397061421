import type { SessionStore } from '../../contract/store.ts'
import { hasIdForm } from '../../cookie/id.ts'
import { SessionGoneError } from '../../errors.ts'
import { warningOnce } from '../../events/warn-once.ts'
import { refuseUnknown } from '../../options/checks.ts'
import type { Session } from '../../session/session.ts'
import { createSessionsOver, type Sessions } from '../../sessions/create-sessions.ts'
import type { SessionsOptions } from '../../sessions/options.ts'

/** What `untornStorage()` takes besides the store: of the options of `createSessions` those that are not of the cookie. */
export type StorageOptions = Pick<
  SessionsOptions,
  | 'app'
  | 'idleTimeout'
  | 'lifetime'
  | 'rolling'
  | 'merge'
  | 'serializer'
  | 'maxBytes'
  | 'maxKeys'
  | 'retries'
  | 'onEvent'
>

/** What `createSessionStorage` takes beside `cookie`. */
export interface StorageVerbs<Data extends object> {
  createData(data: Data, expires?: Date): Promise<string>
  readData(id: string): Promise<Data | null>
  updateData(id: string, data: Data, expires?: Date): Promise<void>
  deleteData(id: string): Promise<void>
}

const OPTIONS: readonly (keyof StorageOptions)[] = [
  'app',
  'idleTimeout',
  'lifetime',
  'rolling',
  'merge',
  'serializer',
  'maxBytes',
  'maxKeys',
  'retries',
  'onEvent',
]

const FOREIGN = {
  cookie: '`createSessionStorage` takes it, beside what this returns',
  store: 'it is the first argument',
}

/** As long as browsers keep a cookie: what a session lives otherwise is for its cookie to say. */
const DEFAULTS = { lifetime: '400d', idleTimeout: '1d' } as const

/** Nobody sees it: there is no cookie of its own. */
const COOKIE = { name: 'id', prefix: false, secure: 'auto' } as const

/** A name that an application can't mean, under which what was read is carried along to the save. */
const READ = 'untorn:read'

const NOT_STORED = 'UNTORN_NOT_STORED'
const HOW_TO_STORE =
  "A session of React Router's was not stored: its cookie is of none that is there, and React Router commits it under the same id. " +
  'Put the storage into withNewIds() of untorn/react-router, so that such a session begins anew.'

/** What a request has read; no text is made of it. */
class Read {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  /** As it was read, for changes that are made to what it is. */
  session(id: string): Session | undefined {
    return this.#session.id === id ? this.#session : undefined
  }

  toJSON(): undefined {
    return undefined
  }
}

/**
 * The verbs that a session storage of React Router is made with. Its sessions hand over all that they hold, so what was read goes along
 * with it: only what a request has changed is sent, and only where the session still is.
 */
export class UntornStorage<Data extends object> implements StorageVerbs<Data> {
  readonly #sessions: Sessions
  readonly #warnOnce = warningOnce(NOT_STORED, HOW_TO_STORE)

  /** Throws `InvalidOptionError`. */
  constructor(store: SessionStore, options: StorageOptions) {
    refuseUnknown('', options as Record<string, unknown>, OPTIONS, FOREIGN)
    const { idleTimeout = DEFAULTS.idleTimeout, lifetime = DEFAULTS.lifetime } = options
    this.#sessions = createSessionsOver({ ...options, idleTimeout, lifetime, cookie: COOKIE }, () => store)
  }

  async createData(data: Data, expires?: Date): Promise<string> {
    const session = await this.#sessions.open(undefined, { secure: false })
    put(session, data)
    if (isAhead(expires)) session.setExpiry(expires)
    await session.begin()
    return session.id
  }

  async readData(id: string): Promise<Data | null> {
    const session = await this.#known(id)
    if (session === undefined) return null
    const data = Object.fromEntries(session.entries())
    // Reading is use, which the store has to hear of: nothing else may follow.
    if (!(await isSaved(session))) return null
    return { ...data, [READ]: new Read(session) } as Data
  }

  async updateData(id: string, data: Data, expires?: Date): Promise<void> {
    if (isOver(expires)) return this.deleteData(id)
    const read = (data as { [READ]?: unknown })[READ]
    const session = (read instanceof Read ? read.session(id) : undefined) ?? (await this.#known(id))
    if (session === undefined) {
      // Where the session was read it has ended since, and nothing of it comes back.
      if (!(read instanceof Read) && Object.keys(data).length > 0) this.#warnOnce()
      return
    }
    put(session, data)
    if (isAhead(expires)) session.setExpiry(expires)
    await isSaved(session)
  }

  async deleteData(id: string): Promise<void> {
    await (await this.#known(id))?.destroy()
  }

  async #known(id: string): Promise<Session | undefined> {
    // It is whatever a cookie says.
    if (typeof id !== 'string' || !hasIdForm(id)) return undefined
    const session = await this.#sessions.open(`${COOKIE.name}=${id}`, { secure: false })
    return session.isNew ? undefined : session
  }
}

/** What is used of a session storage of React Router's. */
export interface RouterStorage {
  getSession(
    cookie?: string | null,
    options?: object,
  ): Promise<{ readonly id: string; readonly data: object }>
}

/** The storage, but that a session which was not read begins anew: React Router would commit it under the id of its cookie. */
export function beginningAnew<Storage extends RouterStorage>(storage: Storage): Storage {
  const getSession: RouterStorage['getSession'] = async (cookie, options) => {
    const session = await storage.getSession(cookie, options)
    return session.id === '' || READ in session.data ? session : storage.getSession()
  }
  return { ...storage, getSession }
}

/** Makes a session hold this and nothing else. What is the object that it gave out it looks into itself. */
function put(session: Session, data: object): void {
  const values = new Map(Object.entries(data))
  values.delete(READ)
  for (const name of session.keys()) if (!values.has(name)) session.delete(name)
  for (const [name, value] of values) if (session.get(name) !== value) session.set(name, value)
}

/** `false`: it was ended meanwhile, and nothing of it comes back. */
async function isSaved(session: Session): Promise<boolean> {
  try {
    await session.save()
    return true
  } catch (error) {
    if (error instanceof SessionGoneError) return false
    throw error
  }
}

function isAhead(expires: Date | undefined): expires is Date {
  return expires !== undefined && expires.getTime() > Date.now()
}

/** One that is no date is none: React Router throws, as it can write no cookie of it. */
function isOver(expires: Date | undefined): boolean {
  return expires !== undefined && expires.getTime() <= Date.now()
}
