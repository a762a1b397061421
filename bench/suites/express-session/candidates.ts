import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Express, RequestHandler } from 'express'
import type { SessionStore } from 'untorn'
import { sessions } from 'untorn/express'
import expressSession from 'untorn/express-session'
import { type PeerStore, peerFileStore, peerMemoryStore } from '../../candidates/express-session.ts'
import { fileStore, memoryStore } from '../../candidates/untorn.ts'
import { applicationWith } from './request.ts'

/** Whose sessions a request has. */
export interface Candidate {
  name: string
  app: Express
  /** Requests between two looks at the clock. */
  batch: { read: number; change: number }
  close?(): Promise<void> | void
}

export const names = {
  files: 'untorn/express-session, files',
  memory: 'untorn/express-session, memory',
  peerMemory: 'express-session, MemoryStore',
  peerFiles: 'express-session, session-file-store',
  untorn: 'untorn/express, files',
} as const

// It has no types here: what the bench calls of it, by its shape.
const peer = createRequire(import.meta.url)('express-session') as (options: object) => RequestHandler

/** As express-session's documentation recommends; the same for all of its form. */
const options = { secret: 'of the bench', resave: false, saveUninitialized: false }

export function candidatesIn(directory: string): Candidate[] {
  const files = fileStore(join(directory, 'drop-in'))
  const own = fileStore(join(directory, 'untorn'))
  const dropIn = (store: SessionStore): Express => applicationWith(expressSession({ ...options, store }))
  const peered = (store: PeerStore): Express => applicationWith(peer({ ...options, store }))
  return [
    {
      name: names.files,
      app: dropIn(files),
      batch: { read: 80, change: 40 },
      close: () => files.close(),
    },
    { name: names.memory, app: dropIn(memoryStore()), batch: { read: 100, change: 80 } },
    {
      name: names.peerMemory,
      app: peered(peerMemoryStore()),
      batch: { read: 40, change: 40 },
    },
    {
      name: names.peerFiles,
      app: peered(peerFileStore(join(directory, 'session-file-store'))),
      batch: { read: 2, change: 2 },
    },
    {
      name: names.untorn,
      app: applicationWith(sessions({ store: own })),
      batch: { read: 120, change: 50 },
      close: () => own.close(),
    },
  ]
}

/** Without sessions: what of each request is not theirs. */
export function bare(): Express {
  return applicationWith((req, _res, next) => {
    Object.assign(req, { session: { user: { name: '' } } })
    next()
  })
}
