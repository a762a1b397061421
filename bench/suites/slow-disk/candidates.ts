import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SessionKey, SessionStore } from 'untorn'
import {
  type PeerStore,
  peerFileStore,
  peerMemoryStore,
  peerSession,
} from '../../candidates/express-session.ts'
import { newKey, newRecord, tokenChanges, tokens, values } from '../../candidates/sample.ts'
import { fileStore, sessionKey } from '../../candidates/untorn.ts'

/** A store with numbered sessions, so that processes agree on them without talking. */
export interface Opened {
  load(session: number): unknown
  save(session: number): unknown
  create(): unknown
  close(): void | Promise<void>
}

export interface Candidate {
  /** As a process does that has just started. */
  open(directory: string, sessions: number): Opened | Promise<Opened>
}

export const names = {
  atOnce: 'untorn files',
  pool: 'untorn files, cold loads through the pool',
  disk: 'untorn files, disk',
  fileStore: 'session-file-store',
  memory: 'express-session MemoryStore',
} as const

export type CandidateName = (typeof names)[keyof typeof names]

export const candidates: Record<CandidateName, Candidate> = {
  [names.atOnce]: {
    open(directory) {
      return untorn(fileStore(untornIn(directory)))
    },
  },
  [names.pool]: {
    open(directory) {
      return untorn(fileStore(untornIn(directory), { coldLoads: 'pool' }))
    },
  },
  [names.disk]: {
    open(directory) {
      return untorn(fileStore(untornIn(directory), { durability: 'disk' }))
    },
  },
  [names.fileStore]: {
    open: (directory) => peer(peerFileStore(peerFilesIn(directory))),
  },
  [names.memory]: {
    async open(_directory, sessions) {
      const opened = peer(peerMemoryStore())
      for (let session = 0; session < sessions; session++) await opened.save(session)
      return opened
    },
  },
}

const untornIn = (directory: string): string => join(directory, 'untorn')
const peerFilesIn = (directory: string): string => join(directory, 'session-file-store')

const idOf = (session: number): string => `session-${session}`.padEnd(43, '-')

/** Puts so many sessions into a directory, for all who keep them in files. */
export async function fill(directory: string, sessions: number): Promise<void> {
  const store = fileStore(untornIn(directory))
  for (let session = 0; session < sessions; session++) {
    await store.create(sessionKey(idOf(session)), newRecord())
  }
  await store.close()
  fillPeerFiles(directory, sessions)
}

/** As session-file-store would write them, and a hundred times sooner. */
function fillPeerFiles(directory: string, sessions: number): void {
  const path = peerFilesIn(directory)
  mkdirSync(path, { recursive: true })
  const text = JSON.stringify({ ...peerSession(values), __lastAccess: Date.now() })
  for (let session = 0; session < sessions; session++)
    writeFileSync(join(path, `${idOf(session)}.json`), text)
}

function untorn(store: SessionStore): Opened {
  let turn = 0
  const keys: SessionKey[] = []
  const keyOf = (session: number): SessionKey => (keys[session] ??= sessionKey(idOf(session)))
  return {
    load: (session) => store.load(keyOf(session)),
    save: (session) => store.save(keyOf(session), tokenChanges[turn++ % 2]!),
    create: () => store.create(newKey(), newRecord()),
    close: () => store.close(),
  }
}

function peer(store: PeerStore): Opened {
  let turn = 0
  const set = (id: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const session = peerSession({ ...values, token: tokens[turn++ % 2] })
      store.set(id, session, (error) => (error ? reject(error) : resolve()))
    })
  return {
    load: (session) =>
      new Promise<void>((resolve, reject) => {
        store.get(idOf(session), (error, found) =>
          found ? resolve() : reject(error ?? new Error('The session is lost.')),
        )
      }),
    save: (session) => set(idOf(session)),
    create: () => set(newKey()),
    close() {},
  }
}
