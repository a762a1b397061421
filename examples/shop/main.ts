// A shop whose sessions are files, or on the server that SESSIONS_URL names. This file shows how untorn is put to work;
// what handlers do with a session is in shop/routes.ts, and race/ compares untorn with what people use today.
import type { IncomingMessage } from 'node:http'
import { join, resolve } from 'node:path'
import type { Duration } from 'untorn'
import { sessions } from 'untorn/express'
import { createApp } from './app.ts'
import { closeOnSignal, listen } from './listen.ts'
import { createRace } from './race/race.ts'
import { deviceName } from './shop/device-name.ts'
import { openStore } from './store.ts'

// Absolute, wherever it is started from, and beside the folder that is served, not in it.
const folder = resolve(process.env.SESSIONS_DIR || join(import.meta.dirname, '.data'))

async function main(): Promise<void> {
  const { store, place, end } = await openStore(join(folder, 'shop'), process.env.SESSIONS_URL)
  const shopSessions = sessions({
    store,
    idleTimeout: '2d',
    lifetime: '30d',
    // Anybody may take any name here; the list of one person's devices stays one that can be read.
    maxPerOwner: 10,
    describe: (request: IncomingMessage) => deviceName(request.headers['user-agent']),
    // Browsers don't tell ports apart: a name of its own, so that no other program on this machine gets in the way.
    cookie: { name: 'shop' },
  })
  const race = createRace(folder)
  const app = createApp({ sessions: shopSessions, race: race.router, askAgainAfter: askAgainAfter() })

  const { server, address } = await listen(app)
  console.log(`The shop:  ${address}/\nThe race:  ${address}/race\nSessions:  ${place}\nCtrl+C stops it.`)

  closeOnSignal(server, async () => {
    await race.close()
    await shopSessions.close()
    await end()
  })
}

/** Short, so that whoever tries the shop sees it ask. */
function askAgainAfter(): Duration {
  const text = process.env.ASK_AGAIN_AFTER || '1m'
  if (/^\d{1,6}(ms|s|m|h|d)$/.test(text)) return text as Duration
  throw new Error(`ASK_AGAIN_AFTER is "${text}"; it has to be a time such as 10s or 5m.`)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
