import session from 'express-session'
import sessionFileStore from 'session-file-store'
import { start } from './start.js'

const FileStore = sessionFileStore(session)

const sessions = session({
  secret: process.env.SESSION_SECRET || 'of the example: a real one is random, and not in the source',
  resave: false,
  saveUninitialized: false,
  store: new FileStore({ path: './sessions' }),
  cookie: { maxAge: 86_400_000, sameSite: 'lax' },
})

await start(sessions)
