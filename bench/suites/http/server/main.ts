import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerWith } from '../../../measure/children.ts'
import type { Told } from '../candidates.ts'
import { EventLoopDelay } from './event-loop-delay.ts'
import { serverOf } from './server-of.ts'

// The process of one candidate: nothing else is on its event loop.

export type Question = { ask: 'listen'; told: Told } | { ask: 'begin' } | { ask: 'end' }

export type Answer = { port: number } | 'begun' | Effort

/** What a slice has cost the server. */
export interface Effort {
  requests: number
  /** Microseconds, of all its threads. */
  cpu: number
  /** 99th percentile, milliseconds. */
  eventLoopDelay: number
}

// Before anybody reads it: what is measured is imported when it is known.
process.env.NODE_ENV = 'production'

const delay = new EventLoopDelay()
let requests = 0
let before = process.cpuUsage()

answerWith<Question, Answer>((question) => {
  switch (question.ask) {
    case 'listen':
      return listen(question.told)
    case 'begin':
      return begin()
    case 'end':
      return end()
  }
})

async function listen(told: Told): Promise<Answer> {
  const server: Server = await serverOf(told)
  server.on('request', () => requests++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port }
}

function begin(): Answer {
  requests = 0
  delay.start()
  before = process.cpuUsage()
  return 'begun'
}

async function end(): Promise<Answer> {
  const { user, system } = process.cpuUsage(before)
  const made = requests
  return { requests: made, cpu: user + system, eventLoopDelay: await delay.stop() }
}
