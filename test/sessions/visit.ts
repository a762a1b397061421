import { parseSetCookie } from 'cookie'
import {
  type AnyData,
  createSessions,
  type Session,
  type Sessions,
  type SessionsOptions,
} from '../../src/index.ts'
import { PlainStore } from '../support/plain-store.ts'

export interface Site<Data extends object = AnyData> {
  store: PlainStore
  sessions: Sessions<Data>
  /** What `onEvent` was told. */
  events: { type: string; [detail: string]: unknown }[]
}

/** An application on a plain store, which writes down its events. */
export function site<Data extends object = AnyData>(
  options: Omit<SessionsOptions<Data>, 'store' | 'onEvent'> & { store?: PlainStore; slow?: boolean } = {},
): Site<Data> {
  const { slow = false, store = new PlainStore({ slow }), ...others } = options
  const events: Site['events'] = []
  const given = { ...others, store, onEvent: (event: Site['events'][number]) => void events.push(event) }
  return { store, sessions: createSessions<Data>(given as unknown as SessionsOptions<Data>), events }
}

/** Stores a session with these values and returns the Cookie header that a browser sends from then on. */
export async function signedIn<Data extends object>(
  { sessions }: Site<Data>,
  values: Partial<Data> = {} as Partial<Data>,
): Promise<string> {
  const session = (await sessions.open(undefined)) as unknown as Session
  session.set('user', 'ada')
  for (const [key, value] of Object.entries(values)) session.set(key, value)
  return cookieHeader(await session.commit())
}

/** What a browser makes of a Set-Cookie line. */
export function cookieHeader(setCookie: string | undefined): string {
  if (setCookie === undefined) throw new Error('no cookie was set')
  const { name, value } = parseSetCookie(setCookie)
  return `${name}=${value}`
}

/** What is stored, as data. */
export function valuesOf(store: PlainStore): Record<string, unknown> {
  const values = [...store.only().values].filter(([key]) => !key.startsWith('untorn:'))
  return Object.fromEntries(values.map(([key, text]) => [key, JSON.parse(text)]))
}
