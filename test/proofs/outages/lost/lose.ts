import { setTimeout as delay } from 'node:timers/promises'
import type { SessionStore } from '../../../../src/contract/store.ts'
import type { Answer } from '../../../adapters/support/server.ts'
import { aWhile } from '../../../support/a-while.ts'
import { type LoseAnswer, startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.ts'
import { Application, DEADLINE, type Policy } from '../application.ts'
import type { Connect } from '../drivers.ts'
import { until } from '../until.ts'
import type { Account } from '../visits.ts'
import type { Outcome, Route } from './routes.ts'

export type How = LoseAnswer['how']

export const HOW: readonly How[] = ['cut', 'silent']

/** Milliseconds in which what a failed request has left behind has to be in order. */
const SETTLED = 5000

/** Milliseconds after an answer in which its request's last calls have been answered too. */
const AFTERWARDS = 30

/** More answers than any route has. */
const MOST = 25

export interface Case {
  route: Route
  policy: Policy
  /** Default: either way. */
  ways?: readonly How[]
  /** Puts a store that breaks a promise in place of the right one. */
  wrong?: (store: SessionStore) => SessionStore
}

/**
 * Loses each answer in turn that the server gives to a route, in each way: what is wrong then. `probe` sees what is stored,
 * and nothing is lost to it.
 */
export async function loseEach(
  { route, policy, ways = HOW, wrong }: Case,
  {
    connect,
    port,
    probe,
    deadline = DEADLINE,
  }: { connect: Connect; port: number; probe: Application; deadline?: number },
): Promise<string[]> {
  const proxy = await startTcpProxy(port)
  const application = await Application.start(policy, connect, proxy.port, {
    deadline,
    ...(wrong && { wrong }),
  })
  const wrongs: string[] = []
  const ends: (() => Promise<void>)[] = []
  try {
    for (const how of ways) {
      for (let nth = 1; ; nth++) {
        const trial = new Trial(application, probe, route)
        if (await trial.isOver(proxy, { nth, how })) break
        if (nth === MOST) throw new Error(`${route.title}: there is always one more answer to lose`)
        const judged = (when: string) => (found: string | false) => {
          if (found) wrongs.push(`${how}, answer ${nth}${when}: ${found}`)
          return !found
        }
        const settling = trial.settled().then(judged(''))
        // What an error has left behind comes in order by calls whose answers would be lost with the next one's.
        if (trial.hasFailed) await settling
        // And so it stays.
        ends.push(async () => void ((await settling) && judged(', later')(await trial.wrong())))
      }
    }
    return wrongs
  } finally {
    await Promise.all(ends.map((end) => end()))
    proxy.cut()
    await application.close()
    await proxy.close()
  }
}

/** One request, with one answer lost. */
class Trial {
  readonly #application: Application
  readonly #probe: Application
  readonly #route: Route
  #oldCookie = ''
  #cookie = ''
  #before: Account = {}
  #answer: Answer | undefined

  constructor(application: Application, probe: Application, route: Route) {
    this.#application = application
    this.#probe = probe
    this.#route = route
  }

  /** Asks for the route's page. It is over where the server gave no such answer. */
  async isOver(proxy: TcpProxy, lose: LoseAnswer): Promise<boolean> {
    const visitor = await this.#ready()
    const lost = proxy.loseAnswer(lose)
    this.#answer = await this.#application.get(visitor, this.#route.path)
    if (!lost.isLost) await aWhile(AFTERWARDS)
    lost.end()
    this.#cookie = visitor.cookie
    if (!lost.isLost && lose.nth === 1) throw new Error(`${this.#route.title} asks the server for nothing`)
    return !lost.isLost
  }

  get hasFailed(): boolean {
    return this.#answer!.status !== 200
  }

  /** What is wrong, once a failed request has had time to settle. A 200 is true at once. */
  async settled(): Promise<string | false> {
    const end = performance.now() + SETTLED
    for (;;) {
      const isLast = performance.now() > end
      const found = await this.wrong()
      if (!found || !this.hasFailed || isLast) return found
      await delay(50)
    }
  }

  async wrong(): Promise<string | false> {
    const outcome: Outcome = {
      policy: this.#application.policy,
      answer: this.#answer!,
      before: this.#before,
      hasCookie: this.#cookie !== '',
      finds: await this.#found(this.#cookie),
      findsByOld: await this.#found(this.#oldCookie),
    }
    return this.#route.wrong(outcome)
  }

  /** The visitor, on an application that is over what was lost before. */
  async #ready() {
    const visitor = await this.#route.visitor(this.#application)
    this.#oldCookie = visitor.cookie
    this.#before = await this.#found(visitor.cookie)
    if (visitor.cookie === '') await until('well again', () => this.#isWell())
    return visitor
  }

  async #isWell(): Promise<boolean> {
    const other = this.#application.visitor()
    await this.#application.get(other, '/seen')
    return other.cookie !== ''
  }

  async #found(cookie: string): Promise<Account> {
    if (cookie === '') return {}
    const visitor = this.#probe.visitor()
    const [name, value] = cookie.split('=', 2)
    visitor.cookies.set(name!, value!)
    const { status, text } = await this.#probe.get(visitor, '/account')
    if (status !== 200) throw new Error(`The probe was answered ${status}: ${text}`)
    return JSON.parse(text) as Account
  }
}
