import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import express, { type ErrorRequestHandler, type Request } from 'express'
import { type ExpressSessions, sessions } from '../../src/express.ts'
import type { SessionEvent } from '../../src/sessions/events.ts'
import type { ServerStoreEvent } from '../../src/stores/server/options.ts'
import { type Answer, ask } from '../adapters/support/server.ts'
import { Visitor } from '../adapters/support/visitor.ts'
import type { Connect } from './drivers.ts'

export type Policy = 'fail' | 'anonymous'

/** Milliseconds. A fraction of the default, so that the tests are short; a healthy server needs a hundredth of it. */
export const DEADLINE = 800

/** Milliseconds in which every request has its answer: some deadlines, and time for a slow machine. */
const LONGEST = 30_000

interface Values {
  user: string
  count: number
  /** Always set to the same text as `right`. */
  left: string
  right: string
  seen: boolean
}

/** An application with sign-in, sign-out and a counter, and what it was told. */
export class Application {
  readonly policy: Policy
  readonly events: SessionEvent[] = []
  readonly storeEvents: ServerStoreEvent[] = []
  /** How many requests were asked, and answered. */
  asked = 0
  answered = 0
  readonly #connect: Connect
  readonly #serverPort: number
  /** Told when a request to `/count-late` comes to the gate. */
  readonly #arrivals: (() => void)[] = []
  #gate: Promise<void> = Promise.resolve()
  #openGate: () => void = () => {}
  #server: Server | undefined
  #close: () => Promise<void> = async () => {}

  private constructor(policy: Policy, connect: Connect, serverPort: number) {
    this.policy = policy
    this.#connect = connect
    this.#serverPort = serverPort
  }

  static async start(policy: Policy, connect: Connect, serverPort: number): Promise<Application> {
    const application = new Application(policy, connect, serverPort)
    await application.#start()
    return application
  }

  get port(): number {
    return (this.#server!.address() as AddressInfo).port
  }

  visitor(): Visitor {
    return new Visitor(this.port)
  }

  async get(visitor: Visitor, path: string): Promise<Answer> {
    this.asked++
    const cookie = visitor.cookie === '' ? {} : { cookie: visitor.cookie }
    const answer = await inTime(ask(this.port, { path, headers: cookie }))
    visitor.keep(answer)
    this.answered++
    return answer
  }

  /** A visitor's request that has loaded and changed his session, and waits at the gate before it is answered. */
  async waiting(visitor: Visitor): Promise<{ answer: Promise<Answer> }> {
    this.#closeGate()
    for (;;) {
      const answer = this.get(visitor, '/count-late')
      const arrived = this.#atGate().then(() => true)
      if (await Promise.race([arrived, answer.then(() => false)])) return { answer }
    }
  }

  #closeGate(): void {
    this.#gate = new Promise((open) => {
      this.#openGate = open
    })
  }

  openGate(): void {
    this.#openGate()
  }

  #atGate(): Promise<void> {
    return new Promise((arrived) => this.#arrivals.push(arrived))
  }

  async close(): Promise<void> {
    this.#openGate()
    this.#server?.closeAllConnections()
    this.#server?.close()
    await this.#close()
  }

  async #start(): Promise<void> {
    const { store, close } = await this.#connect(this.#serverPort, {
      deadline: DEADLINE,
      onEvent: (event) => void this.storeEvents.push(event),
    })
    this.#close = async () => {
      await store.close()
      await close()
    }
    const middleware = sessions<Values>({
      store,
      onStoreError: this.policy,
      onEvent: (event) => void this.events.push(event),
    })
    this.#server = createServer(this.#express(middleware))
    await new Promise<void>((listening) => this.#server!.listen(0, '127.0.0.1', listening))
  }

  #express(middleware: ExpressSessions<Values>) {
    const app = express()
    app.use(middleware)
    const of = (req: Request) => req.session as unknown as ReturnType<typeof values>
    app.get('/login', async (req, res) => {
      const session = of(req)
      await req.session.regenerate()
      Object.assign(session, { user: 'ada', count: 0, left: 'new', right: 'new' })
      res.send('hello')
    })
    app.get(['/count', '/count-late'], async (req, res) => {
      const session = of(req)
      const count = session.update('count', (n = 0) => n + 1)
      const mark = Math.random().toString(36)
      session.left = mark
      session.right = mark
      // One whose session could not be loaded saves nothing.
      if (req.path === '/count-late' && session.user !== undefined) {
        for (const arrived of this.#arrivals.splice(0)) arrived()
        await this.#gate
      }
      res.send(`${count}`)
    })
    app.get('/account', (req, res) => void res.json(req.session))
    app.get('/seen', (req, res) => {
      of(req).seen = true
      res.send('seen')
    })
    app.get('/logout', (req, res) => {
      void req.session.destroy()
      res.send('bye')
    })
    app.get('/logout-awaited', async (req, res) => {
      await req.session.destroy()
      res.send('bye')
    })
    const failed: ErrorRequestHandler = (error, _req, res, _next) => void res.status(503).send(error.code)
    app.use(failed)
    return app
  }
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const tooLate = new AbortController()
  const { signal } = tooLate
  const late = delay(LONGEST, undefined, { signal }).then(
    () => {
      throw new Error(`a request got no answer in ${LONGEST} ms`)
    },
    () => answer,
  )
  try {
    return await Promise.race([answer, late])
  } finally {
    tooLate.abort()
  }
}

declare function values(): Values & { update(key: 'count', fn: (n?: number) => number): number }
