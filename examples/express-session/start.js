import { once } from 'node:events'
import { createServer } from 'node:http'
import { basename } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import express from 'express'
import { createApp } from './app.js'
import { createRace } from './race/race.js'
import { failed, notFound } from './views/error.js'

// Not `localhost`: that name may lead to ::1, where another program can hold the same port.
const host = '127.0.0.1'

/** How long the pretended database of a note takes: long enough to press the button in another tab, too. */
const queryMs = 4000

/**
 * The application with these sessions, and the race, which brings sessions of its own. It listens on this machine only, at
 * PORT (0: any free one) or 3000, until SIGINT or SIGTERM.
 */
export async function start(sessions) {
  const startedBy = basename(process.argv[1])
  const app = express()
  app.disable('x-powered-by')
  // Before the sessions: what the race sends has nothing to do with the session of who looks at it.
  app.use('/race', createRace())
  app.use(createApp({ sessions, startedBy, query: () => wait(queryMs) }))
  app.use(notFound, failed)

  const server = createServer(app)
  const port = Number(process.env.PORT || 3000)
  server.listen(port, host)
  await once(server, 'listening').catch((cause) => {
    throw new Error(`Port ${port} can't be had. Set PORT to another one.`, { cause })
  })
  const address = `http://${host}:${server.address().port}`
  console.log(
    `${startedBy}\nThe stall:  ${address}/\nTwo tabs:   ${address}/notes\nThe race:   ${address}/race`,
  )
  closeOnSignal(server)
}

/** No new requests, and the running ones to their end. */
function closeOnSignal(server) {
  const end = () => {
    server.close(() => process.exit())
    // Browsers open connections ahead of need; those never become idle by themselves.
    setTimeout(() => server.closeAllConnections(), 2000).unref()
  }
  process.once('SIGINT', end).once('SIGTERM', end)
}
