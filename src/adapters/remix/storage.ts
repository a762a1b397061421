import { sessionKey } from '../../contract/key.ts'
import { flashKey, isFlash, nameOf } from '../../values/data.ts'
import type { Texts } from '../kept/difference.ts'
import { objectOf, textsOfObject } from '../kept/object.ts'
import type { CheckedSocket } from '../kept/options.ts'
import type { Base } from '../kept/records.ts'

type Data = Record<string, unknown>

/** What is used of a session of Remix'. */
export interface RemixSession {
  readonly id: string
  readonly deleteId: string | undefined
  readonly destroyed: boolean
  readonly dirty: boolean
  readonly data: [Data, Data]
}

/** `createSession` of `@remix-run/session`. */
export type CreateSession<Session extends RemixSession> = (id?: string, data?: [Data, Data]) => Session

/** What Remix keeps sessions by. */
export interface RemixSessionStorage<Session extends RemixSession> {
  /** The session of a cookie; a new one, under a new id, where there is none. */
  read(cookie: string | null): Promise<Session>
  /** The value of the cookie that is due; `''`: it is to go; `null`: none. */
  save(session: Session): Promise<string | null>
}

export function remixStorage<Session extends RemixSession>(
  createSession: CreateSession<Session>,
  { records, app, idleTimeout }: CheckedSocket,
): RemixSessionStorage<Session> {
  const given = new WeakMap<Session, Base>()
  const end = (id: string) => records.store.delete(sessionKey(id, app))
  return {
    async read(cookie) {
      const base = cookie ? await records.load(sessionKey(cookie, app), cookie) : undefined
      if (!cookie || base === undefined) return createSession()
      const session = createSession(cookie, dataOf(base.texts))
      given.set(session, base)
      return session
    },

    async save(session) {
      if (session.deleteId) await end(session.deleteId)
      if (session.destroyed) {
        await end(session.id)
        return ''
      }
      const key = sessionKey(session.id, app)
      const base = given.get(session)
      if (!session.dirty) {
        if (base !== undefined) await records.touch(base, idleTimeout)
        return null
      }
      const texts = textsIn(session.data)
      if (base?.key !== key) {
        given.set(session, await records.put(key, texts, idleTimeout))
        return session.id
      }
      // Ended elsewhere: its cookie would take the place of another session's.
      return (await records.save(base, texts, idleTimeout)) ? session.id : null
    },
  }
}

/** Messages that are shown once stand beside the values, under names of their own. */
function textsIn([values, flashes]: [Data, Data]): Texts {
  const shownOnce = [...textsOfObject(flashes)].map(([name, text]) => [flashKey(name), text] as const)
  return new Map([...textsOfObject(values), ...shownOnce])
}

function dataOf(texts: Texts): [Data, Data] {
  const flashes = [...texts].filter(([name]) => isFlash(name))
  return [objectOf(texts), objectOf(new Map(flashes.map(([name, text]) => [nameOf(name), text])))]
}
