import { Browser } from './browser.ts'
import { control } from './post.ts'

/** An application as the races see it: one or more servers over one store. */
export class Site {
  readonly #ports: readonly number[]
  readonly #close: () => Promise<void>
  #turn = 0

  constructor(ports: readonly number[], close: () => Promise<void>) {
    this.#ports = ports
    this.#close = close
  }

  /** Where the next request goes: to each server in turn. */
  nextPort(): number {
    return this.#ports[this.#turn++ % this.#ports.length]!
  }

  /** Somebody who has a session, with these values in it. What it took to get there is not seen any more. */
  async visitor(values: object = { user: 'ada' }): Promise<Browser> {
    const browser = new Browser(this)
    await browser.does('set', values)
    await this.seen()
    return browser
  }

  /** Somebody with this cookie, and no interest in another one. */
  thief(cookie: string): Browser {
    return new Browser(this, cookie)
  }

  /** Writes to the store, and events of sessions by name, in all servers, since this was asked for last. */
  async seen(): Promise<{ writes: number; events: string[] }> {
    const all = await Promise.all(this.#ports.map((port) => control(port, 'seen')))
    const seen = all as { writes: number; events: string[] }[]
    return {
      writes: seen.reduce((sum, { writes }) => sum + writes, 0),
      events: seen.flatMap(({ events }) => events).sort(),
    }
  }

  /** The time of a browser's session is up. */
  async expire(browser: Browser): Promise<void> {
    await control(this.nextPort(), 'expire', browser.cookie.slice('sid='.length))
  }

  close(): Promise<void> {
    return this.#close()
  }
}
