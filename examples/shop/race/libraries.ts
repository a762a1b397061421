import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { RequestHandler } from 'express'
import { type ExpressSessions, sessions } from 'untorn/express'
import { fileStore } from 'untorn/file'

// Required, not imported: express-session's types would give every `req.session` of this program its own shape.
const require = createRequire(import.meta.url)
const expressSession = require('express-session') as ExpressSession
const sessionFileStore = require('session-file-store') as (
  library: ExpressSession,
) => new (
  options: object,
) => object

interface ExpressSession {
  (options: object): RequestHandler
  MemoryStore: new () => object
}

export function untornFiles(folder: string): ExpressSessions {
  return sessions<Record<string, unknown>>({ store: fileStore(join(folder, 'race-untorn')) })
}

export function memoryStore(): RequestHandler {
  return peer(new expressSession.MemoryStore())
}

/** With its own defaults, retries included; only its log is off. */
export function sessionFiles(folder: string): RequestHandler {
  const FileStore = sessionFileStore(expressSession)
  return peer(new FileStore({ path: join(folder, 'race-session-file-store'), logFn() {} }))
}

/** express-session as its documentation advises: nothing is saved that wasn't changed. */
function peer(store: object): RequestHandler {
  return expressSession({
    store,
    secret: randomBytes(32).toString('hex'),
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax' },
  })
}
