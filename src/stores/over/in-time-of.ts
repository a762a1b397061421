import type { SessionKey } from '../../contract/key.ts'
import type { SessionChange } from '../../contract/record.ts'
import { isStore, type SessionSource } from '../../contract/source.ts'
import type { SaveResult, SessionStore } from '../../contract/store.ts'
import { after, isPromise, type MaybePromise } from '../../contract/wait.ts'

/**
 * Milliseconds: the times of records are put forward or back by a multiple of it. Two clocks that are less than half of it
 * apart are taken for one, and nothing changes. It is that coarse as what an answer takes on its way must not make the
 * same record another one each time: records are compared.
 */
export const STEP = 10_000

/** Milliseconds for which it is known how far two clocks are apart: one of them may be set. */
const KNOWN_FOR = 60_000

/**
 * A store as another one sees it, by whose clock all goes on: a session that has ten minutes left by the clock of the one
 * has ten minutes left by that of the other, however far they are apart. Records keep their store's time.
 */
export function inTimeOf<Source extends SessionSource>(source: Source, other: SessionSource): Source {
  if (source.now === undefined && other.now === undefined) return source
  const apart = new Apart(source, other)
  const verbs: SessionSource = {
    load: (key, options) =>
      after(source.load(key, options), (record) => record && after(apart.ms(), (ms) => moved(record, ms))),
    records: (options) => seen(source.records(options), apart),
    now: () => timeOf(other),
    close: () => source.close(),
  }
  const { count } = source
  if (count) verbs.count = () => count.call(source)
  // All else is the store's: above all its name, which messages have.
  return Object.assign(Object.create(source), verbs, isStore(source) && verbsOfStore(source, apart))
}

type Listing = ReturnType<SessionSource['records']>

async function* seen(listing: Listing, apart: Apart): Listing {
  for await (const [key, record] of listing) yield [key, moved(record, await apart.ms())]
}

function verbsOfStore(store: SessionStore, apart: Apart): Partial<SessionStore> {
  const { byOwner } = store
  const verbs: Partial<SessionStore> = {
    create: (key, record) => after(apart.ms(), (ms) => store.create(key, moved(record, -ms))),
    save: (key, change, options) =>
      after(apart.ms(), (ms) => {
        const own = change.expiresAt === undefined ? change : moved(change as Timed<SessionChange>, -ms)
        return after(store.save(key, own, options), (result) => seenResult(result, ms))
      }),
    exists: (key: SessionKey) => store.exists(key),
    delete: (key: SessionKey) => store.delete(key),
    clearExpired: (options) => store.clearExpired(options),
  }
  if (byOwner) verbs.byOwner = (owner) => seen(byOwner.call(store, owner), apart)
  return verbs
}

/** What time it is by a store, or by this process where it does not say. */
export function timeOf(store: SessionSource): MaybePromise<number> {
  return store.now?.() ?? Date.now()
}

type Timed<T> = T & { expiresAt: number; createdAt?: number }

function moved<T extends { expiresAt: number; createdAt?: number }>(timed: T, ms: number): T {
  if (ms === 0) return timed
  const there = { ...timed, expiresAt: later(timed.expiresAt, ms) }
  if (timed.createdAt !== undefined) there.createdAt = later(timed.createdAt, ms)
  return there
}

/** What lies before all times, as an end that is meant to be in the past does, stays there. */
function later(time: number, ms: number): number {
  return time <= 0 ? time : Math.max(0, time + ms)
}

function seenResult(result: SaveResult, ms: number): SaveResult {
  return result.outcome === 'gone' ? result : { ...result, record: moved(result.record, ms) }
}

/** How far one clock is ahead of another. */
class Apart {
  readonly #store: SessionSource
  readonly #other: SessionSource
  #ms = 0
  #since = Number.NEGATIVE_INFINITY

  constructor(store: SessionSource, other: SessionSource) {
    this.#store = store
    this.#other = other
  }

  /** By how much the other store's is ahead, in whole steps. */
  ms(): MaybePromise<number> {
    if (performance.now() - this.#since < KNOWN_FOR) return this.#ms
    return after(ahead(this.#other), (other) => after(ahead(this.#store), (own) => this.#found(other - own)))
  }

  #found(ms: number): number {
    this.#ms = STEP * Math.round(ms / STEP)
    this.#since = performance.now()
    return this.#ms
  }
}

/** By how much a store's clock is ahead of the monotonic one: each is asked at a moment of its own. */
function ahead(store: SessionSource): MaybePromise<number> {
  const time = timeOf(store)
  return isPromise(time) ? time.then((now) => now - performance.now()) : time - performance.now()
}
