import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type SessionKey, shortKey } from '../../contract/key.ts'
import { unlessCome, until } from './gate.ts'
import type { AdapterEvent, AdapterSession, PageAnswer } from './site.ts'
import { Visitor } from './visitor.ts'
import type { Verb, WatchedStore } from './watched-store.ts'

export type Page = (
  session: AdapterSession,
  request: { method: string; url: string },
) => PageAnswer | Promise<PageAnswer>

/** An answer with a text. */
export function text(
  body: PageAnswer['body'],
  { status = 200, headers = [] }: Partial<Pick<PageAnswer, 'status' | 'headers'>> = {},
): PageAnswer {
  return { status, headers: [['Content-Type', 'text/plain; charset=utf-8'], ...headers], body: body ?? '' }
}

/** What every room has: a page that begins a session, one that shows what is in it, one that looks at nothing. */
const PAGES: Readonly<Record<string, Page>> = {
  '/begin': (session) => {
    session.name = 'Ada'
    return text('hello')
  },
  '/values': (session) => text(JSON.stringify(session)),
  '/unlooked': () => text('about us'),
  '/logout': async (session) => {
    await session.logout()
    return text('bye')
  },
}

/** A case's own part of a site: pages that nobody else asks for, and visitors of these. */
export class Room {
  readonly store: WatchedStore
  readonly #base: string
  readonly #events: readonly AdapterEvent[]
  readonly #timeout: number
  readonly #visitors: Visitor[] = []
  #pages = PAGES

  constructor(base: string, store: WatchedStore, events: readonly AdapterEvent[], timeout: number) {
    this.#base = base
    this.store = store
    this.#events = events
    this.#timeout = timeout
  }

  /** What is answered, by path. */
  pages(pages: Readonly<Record<string, Page>>): void {
    this.#pages = { ...PAGES, ...pages }
  }

  /** Answers a request, by its path within the room. */
  async answer(path: string, session: AdapterSession, request: Parameters<Page>[1]): Promise<PageAnswer> {
    const page = this.#pages[path.split('?', 1)[0]!]
    return page === undefined ? text('no such page', { status: 404 }) : page(session, request)
  }

  /** Somebody who was never here. */
  visitor(): Visitor {
    const visitor = new Visitor(this.#base, this.#timeout)
    this.#visitors.push(visitor)
    return visitor
  }

  /** Somebody who has a session. */
  async known(question?: Parameters<Visitor['get']>[1]): Promise<Visitor> {
    const visitor = this.visitor()
    await visitor.get('/begin', question)
    return visitor
  }

  /** What a session's record has by now; `undefined`: there is none. */
  async stored(key: SessionKey): Promise<Record<string, unknown> | undefined> {
    const record = await this.store.behind.load(key)
    if (record === undefined) return undefined
    const values = [...record.values].filter(([name]) => !name.startsWith('untorn:'))
    return Object.fromEntries(values.map(([name, json]) => [name, JSON.parse(json) as unknown]))
  }

  /** What was told of a session, in order. */
  eventsOf(key: SessionKey): string[] {
    return this.#events.filter((event) => event.key === shortKey(key)).map(({ type }) => type)
  }

  /** How often this was told, of whichever session. */
  countOf(type: string): number {
    return this.#events.filter((event) => event.type === type).length
  }

  /** Long enough for what would come at once. */
  async aWhile(): Promise<void> {
    await sleep(20)
  }

  /** What a case waits for that only the adapter can bring about. */
  async arrival<T>(awaited: Promise<T>, what: string): Promise<T> {
    let come = () => {}
    const tooLong = new Promise<void>((late) => {
      come = unlessCome(this.#timeout, late)
    }).then(() => assert.fail(`within ${this.#timeout} ms there was no ${what}`))
    return Promise.race([awaited, tooLong]).finally(come)
  }

  /** Until the store is asked this for a session. */
  async whenAsked(key: () => SessionKey | undefined, verb: Verb): Promise<void> {
    const isAsked = () => {
      const known = key()
      return known !== undefined && this.store.askedFor(known).includes(verb)
    }
    assert.ok(await until(isAsked, this.#timeout), `the store should be asked to ${verb} the session`)
  }

  close(): void {
    for (const visitor of this.#visitors) visitor.leave()
  }
}
