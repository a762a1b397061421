import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express, { Router } from 'express'
import { createApp } from '../app.js'
import { refuseOtherSites, securityHeaders } from '../security.js'
import { racePage } from '../views/race.js'
import { Gate } from './gate.js'
import { implementations } from './implementations.js'
import { rounds } from './rounds.js'
import { Visitor } from './visitor.js'

/** The race: its page, and what its buttons do. What they found out stays on the page until the process ends. */
export function createRace() {
  const router = Router()
  const oneAtATime = queue()
  const results = {}
  router.use(securityHeaders, refuseOtherSites)

  router.get('/', (_req, res) => racePage(res, { implementations, results }))

  router.post('/:round', async (req, res, next) => {
    const { round } = req.params
    if (!Object.hasOwn(rounds, round)) return next()
    results[round] = await oneAtATime(() => ofEach((implementation) => run(implementation, rounds[round])))
    res.redirect(303, `/race#${round}`)
  })

  return router
}

/** One after the other: side by side they would be in each other's way. */
async function ofEach(find) {
  const found = {}
  for (const implementation of implementations) found[implementation.id] = await find(implementation)
  return found
}

/** The whole application over one kind of sessions, on a server and in a folder of its own, with a visitor. */
async function run(implementation, round) {
  const folder = await mkdtemp(join(tmpdir(), 'untorn-race-'))
  const agent = new Agent({ keepAlive: true })
  const gate = new Gate()
  const { sessions, close } = implementation.open(folder)
  const server = createServer(express().use(createApp({ sessions, query: gate.wait })))
  try {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return await round(new Visitor(`http://127.0.0.1:${server.address().port}`, agent), gate)
  } finally {
    gate.open()
    agent.destroy()
    server.close()
    server.closeAllConnections()
    await close?.()
    await rm(folder, { recursive: true, force: true })
  }
}

function queue() {
  let last = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }
}
