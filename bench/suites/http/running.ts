import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Child, forked } from '../../measure/children.ts'
import { type Candidate, type Kind, kinds } from './candidates.ts'
import { type Answers, load } from './load.ts'
import type { Answer, Effort, Question } from './server/main.ts'
import { check, kept, signIn } from './visitors.ts'

/** What was found out in one slice. */
export interface Slice extends Answers {
  requests: number
  /** Microseconds of the server for a request. */
  cpu: number
  /** 99th percentile, milliseconds. */
  eventLoopDelay: number
}

/** It takes some thousand requests until everything is compiled that will be; a slow server gets fewer. */
export interface Warming {
  requests: number
  /** At most, about. */
  seconds: number
}

/** A candidate's server and its visitors. */
export class Running {
  readonly candidate: Candidate
  readonly #server: Child<Question, Answer>
  readonly #port: number
  readonly #cookies: readonly string[]

  private constructor(
    candidate: Candidate,
    server: Child<Question, Answer>,
    port: number,
    cookies: readonly string[],
  ) {
    this.candidate = candidate
    this.#server = server
    this.#port = port
    this.#cookies = cookies
  }

  static async start(candidate: Candidate, directory: string, url: string | undefined): Promise<Running> {
    const { framework, keeping } = candidate
    const own = join(directory, `${framework}-${keeping}`.replace(/[:/]/g, '-'))
    mkdirSync(own, { recursive: true })
    const server = forked<Question, Answer>(new URL('server/main.ts', import.meta.url))
    const told = { framework, keeping, directory: own, url }
    const { port } = (await server.ask({ ask: 'listen', told })) as { port: number }
    return new Running(candidate, server, port, await signIn(port, candidate))
  }

  async slice(kind: Kind, seconds: number): Promise<Slice> {
    const cookies = kind.hasSession ? this.#cookies : undefined
    await this.#server.ask({ ask: 'begin' })
    const answers = await load({ port: this.#port, kind, cookies, seconds })
    // The load ends in the middle of a request on each connection: they are counted, and may still change a session.
    await delay(Math.max(20, 2 * answers.p99))
    const { requests, cpu, eventLoopDelay } = (await this.#server.ask({ ask: 'end' })) as Effort
    await check(this.#port, this.candidate, kind, this.#cookies)
    return { ...answers, requests, cpu: cpu / requests, eventLoopDelay }
  }

  async warmUp({ requests, seconds }: Warming): Promise<void> {
    const end = performance.now() + seconds * 1000
    let made = 0
    while (made < requests && performance.now() < end) {
      for (const kind of Object.values(kinds)) made += (await this.slice(kind, 0.2)).requests
    }
  }

  /** How many of the values that overlapping requests set are there afterwards. Once for each server. */
  kept(): Promise<number> {
    return kept(this.#port)
  }

  stop(): Promise<void> {
    return this.#server.stop()
  }
}
