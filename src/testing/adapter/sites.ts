import type { SessionStore } from '../../contract/store.ts'
import type { MaybePromise } from '../../contract/wait.ts'
import { minimalStore } from '../minimal-store.ts'
import type { Check, Kind } from './case.ts'
import { Room } from './room.ts'
import type { AdapterEvent, AdapterSite, AdapterSiteOptions } from './site.ts'
import { WatchedStore } from './watched-store.ts'

export interface Served {
  url: string
  close(): Promise<void>
}

export interface Serving {
  serve(site: AdapterSite): Promise<Served>
  store?: () => MaybePromise<SessionStore>
  timeout: number
}

const OPTIONS: Readonly<Record<Kind, Partial<AdapterSiteOptions>>> = {
  plain: {},
  late: {},
  proxied: { clearSiteData: ['cache'] },
  named: { cookie: { name: 'shop', sameSite: 'strict', expires: 'browser' } },
}

/** A site that is served, with a room for each of its cases. */
class OpenSite {
  readonly #served: Served
  readonly #store: WatchedStore
  readonly #events: AdapterEvent[]
  readonly #rooms: Map<string, Room>
  readonly #timeout: number
  #count = 0

  static async open(kind: Kind, { serve, store, timeout }: Serving): Promise<OpenSite> {
    const watched = new WatchedStore(
      (await store?.()) ?? { ...minimalStore(), loadsAtOnce: true },
      kind === 'late',
    )
    const events: AdapterEvent[] = []
    const rooms = new Map<string, Room>()
    const served = await serve({
      options: { store: watched.watched, onEvent: (event) => void events.push(event), ...OPTIONS[kind] },
      trustProxy: kind === 'proxied',
      async page(session, request) {
        const [, name = '', path = ''] = /^\/([^/?]*)(.*)/.exec(request.url) ?? []
        const room = rooms.get(name)
        if (room !== undefined) return room.answer(path, session, request)
        throw new Error(`\`page\` was given a request whose \`url\` is no path of this site: ${request.url}`)
      },
    })
    return new OpenSite(served, watched, events, rooms, timeout)
  }

  private constructor(
    served: Served,
    store: WatchedStore,
    events: AdapterEvent[],
    rooms: Map<string, Room>,
    timeout: number,
  ) {
    this.#served = served
    this.#store = store
    this.#events = events
    this.#rooms = rooms
    this.#timeout = timeout
  }

  async use(check: Check): Promise<void> {
    this.#count++
    const name = `case-${this.#count}`
    const base = new URL(`/${name}`, this.#served.url).href
    const room = new Room(base, this.#store, this.#events, this.#timeout)
    this.#rooms.set(name, room)
    try {
      await check(room)
    } finally {
      room.close()
    }
  }

  async close(): Promise<void> {
    await this.#served.close()
    await this.#store.behind.close()
  }
}

/** For how long sites are there for a next case, where not all cases are run. */
const IDLE_MS = 1000

/** The sites of one suite: each is served when a case first needs it, and closed behind the last one. */
export class Sites {
  readonly #serving: Serving
  readonly #sites = new Map<Kind, { opened: Promise<OpenSite>; users: number }>()
  readonly #toCome = new Map<Kind, number>()
  #idle: NodeJS.Timeout | undefined

  constructor(serving: Serving) {
    this.#serving = serving
  }

  /** One more case of that kind will be run. */
  expect(kind: Kind): void {
    this.#toCome.set(kind, (this.#toCome.get(kind) ?? 0) + 1)
  }

  async run(kind: Kind, check: Check): Promise<void> {
    clearTimeout(this.#idle)
    const site = this.#sites.get(kind) ?? { opened: OpenSite.open(kind, this.#serving), users: 0 }
    this.#sites.set(kind, site)
    site.users++
    this.#toCome.set(kind, (this.#toCome.get(kind) ?? 0) - 1)
    let passed = false
    try {
      await (await site.opened).use(check)
      passed = true
    } finally {
      site.users--
      const closing = this.#left(kind)
      // What failed first explains a close that fails after it.
      if (passed) await closing
      else await closing.catch(() => {})
    }
  }

  async #left(kind: Kind): Promise<void> {
    if ((this.#toCome.get(kind) ?? 0) <= 0) await this.#close(kind)
    clearTimeout(this.#idle)
    this.#idle = setTimeout(
      () => void Promise.all([...this.#sites.keys()].map((each) => this.#close(each))),
      IDLE_MS,
    )
  }

  /** Closes a site that no case is on. */
  async #close(kind: Kind): Promise<void> {
    const site = this.#sites.get(kind)
    if (site === undefined || site.users > 0) return
    this.#sites.delete(kind)
    // One that could not be served has failed its cases.
    const opened = await site.opened.catch(() => undefined)
    await opened?.close()
  }
}
