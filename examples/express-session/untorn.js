import session from 'untorn/express-session'
import { fileStore } from 'untorn/file'
import { sessionFileStore } from 'untorn/formats'
import { moving } from 'untorn/moving'
import { start } from './start.js'

const sessions = session({
  secret: process.env.SESSION_SECRET || 'of the example: a real one is random, and not in the source',
  resave: false,
  saveUninitialized: false,
  store: moving({ from: sessionFileStore('./sessions'), to: fileStore() }),
  cookie: { maxAge: 86_400_000, sameSite: 'lax' },
})

await start(sessions)
