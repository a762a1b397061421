import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { SessionStore } from '../../../src/contract/store.ts'
import { sessions } from '../../../src/express.ts'
import type { SessionEvent } from '../../../src/session/events.ts'
import type { ServerStoreEvent } from '../../../src/stores/server/options.ts'
import { type Answer, ask } from '../../adapters/support/server.ts'
import { Visitor } from '../../adapters/support/visitor.ts'
import type { Connect } from './drivers.ts'
import { pages, type Values } from './pages.ts'

export type Policy = 'fail' | 'anonymous'

/** Milliseconds. A fraction of the default, so that the tests are short; a healthy server needs a hundredth of it. */
export const DEADLINE = 800

/** Milliseconds in which every request has its answer: some deadlines, and time for a slow machine. */
const LONGEST = 30_000

interface Settings {
  /** Milliseconds. Default: {@link DEADLINE}. */
  deadline?: number
  /** Puts a store that breaks a promise in place of the right one. */
  wrong?: (store: SessionStore) => SessionStore
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
  readonly #settings: Settings
  /** Told when a request to `/count-late` comes to the gate. */
  readonly #arrivals: (() => void)[] = []
  #gate: Promise<void> = Promise.resolve()
  #openGate: () => void = () => {}
  #server: Server | undefined
  #close: () => Promise<void> = async () => {}

  private constructor(policy: Policy, connect: Connect, serverPort: number, settings: Settings) {
    this.policy = policy
    this.#settings = settings
    this.#connect = connect
    this.#serverPort = serverPort
  }

  static async start(
    policy: Policy,
    connect: Connect,
    serverPort: number,
    settings: Settings = {},
  ): Promise<Application> {
    const application = new Application(policy, connect, serverPort, settings)
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
    const { deadline = DEADLINE, wrong = (right) => right } = this.#settings
    const { store, close } = await this.#connect(this.#serverPort, {
      deadline: `${deadline}ms`,
      onEvent: (event) => void this.storeEvents.push(event),
    })
    this.#close = async () => {
      await store.close()
      await close()
    }
    const middleware = sessions<Values>({
      store: wrong(store),
      onStoreError: this.policy,
      onEvent: (event) => void this.events.push(event),
    })
    this.#server = createServer(pages(middleware, () => this.#throughGate()))
    await new Promise<void>((listening) => this.#server!.listen(0, '127.0.0.1', listening))
  }

  /** For `/count-late`: someone is there, and waits until the gate is open. */
  async #throughGate(): Promise<void> {
    for (const arrived of this.#arrivals.splice(0)) arrived()
    await this.#gate
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
