import { join } from 'node:path'
import type { SessionStore } from 'untorn'
import {
  type PeerSession,
  type PeerStore,
  peerFileStore,
  peerMemoryStore,
  peerSession,
} from '../../candidates/express-session.ts'
import { newKey, values } from '../../candidates/sample.ts'
import { createSessions, fileStore, memoryStore } from '../../candidates/untorn.ts'
import { cookieOf } from './sessions.ts'

/** What is left of requests to one session that overlapped, each of which set a value of its own. */
export interface Overlap {
  candidate: string
  requests: number
  kept: number
}

export const OVERLAPPING = 50

export async function overlaps(directory: string): Promise<Overlap[]> {
  const files = fileStore(join(directory, 'untorn'))
  const peerFiles = peerFileStore(join(directory, 'session-file-store'))
  try {
    return [
      { candidate: 'untorn files', requests: OVERLAPPING, kept: await keptByUntorn(files) },
      { candidate: 'untorn memory', requests: OVERLAPPING, kept: await keptByUntorn(memoryStore()) },
      {
        candidate: 'express-session MemoryStore',
        requests: OVERLAPPING,
        kept: await keptByPeer(peerMemoryStore()),
      },
      { candidate: 'session-file-store', requests: OVERLAPPING, kept: await keptByPeer(peerFiles) },
    ]
  } finally {
    await files.close()
  }
}

/** All have loaded before the first one saves, so that the count is the same on any machine. */
async function overlap<T>(
  load: () => Promise<T>,
  change: (loaded: T, key: string) => Promise<void>,
): Promise<void> {
  const loaded = await Promise.all(Array.from({ length: OVERLAPPING }, load))
  await Promise.all(loaded.map((session, request) => change(session, `request-${request}`)))
}

export async function keptByUntorn(store: SessionStore): Promise<number> {
  const sessions = createSessions<Record<string, unknown>>({ store })
  const first = await sessions.open(undefined)
  first.set('user', values.user)
  const cookie = cookieOf(await first.commit())
  await overlap(
    async () => sessions.open(cookie),
    async (session, key) => {
      session.set(key, true)
      await session.commit()
    },
  )
  return count((await sessions.open(cookie)).keys())
}

/** As express-session does it: the session that the request loaded is what it saves. */
export async function keptByPeer(store: PeerStore): Promise<number> {
  const id = newKey()
  const get = (): Promise<PeerSession> =>
    new Promise((resolve, reject) => {
      store.get(id, (error, found) => (found ? resolve(found) : reject(error ?? new Error('No session.'))))
    })
  const set = (session: PeerSession): Promise<void> =>
    new Promise((resolve, reject) => {
      store.set(id, session, (error) => (error ? reject(error) : resolve()))
    })
  await set(peerSession({ user: values.user }))
  await overlap(get, (session, key) => {
    session[key] = true
    return set(session)
  })
  return count(Object.keys(await get()))
}

function count(keys: readonly string[]): number {
  return keys.filter((key) => key.startsWith('request-')).length
}
