import { Client } from './client.ts'

/** Actions a second, most of them one request. */
const RATE = 500
const TICK_MS = 20

/** More than that at once are not begun: the machine can't. */
const UNDER_WAY = 128

/** Far more than the store keeps open; who is not asked for in time expires. */
const VISITORS = 1500

/** Some are seen all the time, and their journals folded. */
const REGULARS = 20
const CROWDED = 3

interface Visitor {
  cookie: string | undefined
}

/** People who arrive, read, change things, sign in and out, leave in the middle, and don't come back. */
export class Visitors {
  requests = 0
  /** Requests that nobody waited for until the answer. */
  left = 0
  /** Requests that came too late for their session, which another one has ended or given a new id. */
  refused = 0
  /** Answers that nobody should get, by status or error. */
  readonly wrong = new Map<string, number>()
  readonly #client: Client
  readonly #visitors: Visitor[] = []
  readonly #crowded: Visitor[] = Array.from({ length: CROWDED }, () => ({ cookie: undefined }))
  #underWay = 0

  constructor(port: number) {
    this.#client = new Client(port)
  }

  /** Acts at an even rate for so many seconds. */
  async act(seconds: number): Promise<void> {
    const started = performance.now()
    let begun = 0
    let passed = 0
    while (passed < seconds) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS))
      passed = (performance.now() - started) / 1000
      for (; begun < passed * RATE; begun++) if (this.#underWay < UNDER_WAY) this.#begin()
    }
    while (this.#underWay > 0) await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    this.#client.close()
  }

  #begin(): void {
    this.#underWay++
    this.#anything()
      .catch((error: Error) => this.#note(error.message))
      .finally(() => this.#underWay--)
  }

  async #anything(): Promise<void> {
    const chance = Math.random() * 100
    const visitor = this.#anybody()
    if (chance < 10) await this.#send('GET', '/visit', { cookie: undefined })
    else if (chance < 22 || !visitor) await this.#arrive()
    else if (chance < 57) await this.#send('GET', '/read', visitor)
    else if (chance < 77) await this.#send('POST', '/change', visitor)
    else if (chance < 83) await this.#send('POST', '/sign-in', visitor)
    else if (chance < 88) await this.#signOut(visitor)
    else if (chance < 94) await this.#crowd()
    else await this.#leave(visitor)
  }

  async #arrive(): Promise<void> {
    const visitor: Visitor = { cookie: undefined }
    await this.#send('POST', '/arrive', visitor)
    const place =
      this.#visitors.length < VISITORS ? this.#visitors.length : Math.floor(Math.random() * VISITORS)
    this.#visitors[place] = visitor
  }

  async #signOut(visitor: Visitor): Promise<void> {
    await this.#send('POST', '/sign-out', visitor)
    visitor.cookie = undefined
  }

  /** Overlapping requests for one session. */
  async #crowd(): Promise<void> {
    const visitor = this.#crowded[Math.floor(Math.random() * CROWDED)]!
    if (visitor.cookie === undefined) return this.#send('POST', '/arrive', visitor)
    await Promise.all(
      ['/count', '/change', '/count', '/change'].map((path) => this.#send('POST', path, visitor)),
    )
  }

  async #leave({ cookie }: Visitor): Promise<void> {
    this.requests++
    this.left++
    const after = 5 + Math.random() * 30
    if (Math.random() < 0.5) await this.#client.leave('/slow', cookie, after)
    else await this.#client.leave('/upload', cookie, after, 'half of it, and then '.repeat(20))
  }

  #anybody(): Visitor | undefined {
    const among = Math.random() < 0.5 ? Math.min(REGULARS, this.#visitors.length) : this.#visitors.length
    return this.#visitors[Math.floor(Math.random() * among)]
  }

  async #send(method: 'GET' | 'POST', path: string, visitor: Visitor): Promise<void> {
    this.requests++
    const { status, cookie } = await this.#client.send(method, path, visitor.cookie)
    if (cookie !== undefined) visitor.cookie = cookie.endsWith('=') ? undefined : cookie
    if (status === 409) this.refused++
    else if (status !== 200) this.#note(`status ${status} of ${path}`)
  }

  #note(what: string): void {
    this.wrong.set(what, (this.wrong.get(what) ?? 0) + 1)
  }
}
