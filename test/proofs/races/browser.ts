import type { Action } from './actions.ts'
import type { Point } from './application.ts'
import { control, post, type Reply } from './post.ts'

/** What an action answers. */
export interface Outcome extends Reply {
  /** The value `left`, as the session had it when it was opened. */
  left: unknown
  /** What the action returned. */
  result: unknown
  /** Every value that the handler saw at its end. */
  session: Record<string, unknown>
}

/** Who answers a browser. */
export interface Servers {
  /** Where the next request goes. */
  nextPort(): number
}

/** A request that stands where the test wanted it. */
export interface UnderWay {
  /** Lets it go on to its end. */
  goesOn(): Promise<Outcome>
}

let requests = 0

/** Keeps a cookie as a browser does: what an answer sets counts from the moment that it arrives. */
export class Browser {
  readonly #servers: Servers
  cookie: string

  constructor(servers: Servers, cookie = '') {
    this.#servers = servers
    this.cookie = cookie
  }

  /** A request, from beginning to end. */
  async does(action: Action, value?: unknown): Promise<Outcome> {
    return this.#keep(await this.#send(this.#servers.nextPort(), action, value))
  }

  /** A request that has come as far as `point`, and waits there. */
  async begins(action: Action, value?: unknown, point: Point = 'opened'): Promise<UnderWay> {
    const port = this.#servers.nextPort()
    const gate = `gate ${requests++}`
    const answer = this.#send(port, action, value, { 'x-hold': point, 'x-gate': gate })
    // It is awaited when it goes on, which a test that fails before never lets it do.
    answer.catch(() => {})
    const early = answer.then(() => {
      throw new Error(`The request was answered before it had ${point}.`)
    })
    await Promise.race([control(port, 'reached', gate), early])
    early.catch(() => {})
    const goesOn = async () => {
      await control(port, 'open', gate)
      return this.#keep(await answer)
    }
    return { goesOn }
  }

  /** What is in the session now. */
  async session(): Promise<Record<string, unknown>> {
    return (await this.does('read')).session
  }

  async #send(
    port: number,
    action: Action,
    value: unknown,
    headers: Record<string, string> = {},
  ): Promise<Outcome> {
    const cookie: Record<string, string> = this.cookie === '' ? {} : { cookie: this.cookie }
    const reply = await post(port, `/${action}`, { body: value, headers: { ...cookie, ...headers } })
    if (reply.status !== 200) throw new Error(`${action} was answered with ${reply.status}: ${reply.body}`)
    return { ...reply, ...(reply.body as Pick<Outcome, 'left' | 'result' | 'session'>) }
  }

  #keep(outcome: Outcome): Outcome {
    const { setCookie } = outcome
    if (setCookie !== undefined)
      this.cookie = /;\s*max-age=0/i.test(setCookie) ? '' : setCookie.split(';')[0]!
    return outcome
  }
}
