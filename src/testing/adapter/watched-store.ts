import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionKey } from '../../contract/key.ts'
import type { SessionStore } from '../../contract/store.ts'
import { StoreUnavailableError } from '../../errors.ts'
import { gate } from './gate.ts'

const VERBS = ['create', 'load', 'save', 'exists', 'delete'] as const

export type Verb = (typeof VERBS)[number]

/** How long a store takes that answers later. */
const LATE_MS = 2

/**
 * A store of which a case sees what it is asked for a session, and says what becomes of it: it is held, or fails. Nothing of it
 * concerns another session, so that cases can use one store at the same time.
 */
export class WatchedStore {
  /** The store behind it, that answers whatever a case has said: what another process sees, and changes. */
  readonly behind: SessionStore
  /** What the sessions of the site are kept in. */
  readonly watched: SessionStore
  readonly #asked: { verb: Verb; key: SessionKey }[] = []
  readonly #failing = new Set<string>()
  readonly #held = new Map<string, Promise<void>>()

  /** `late`: each call is answered by a promise, after a while. */
  constructor(behind: SessionStore, late: boolean) {
    this.behind = behind
    const verbs = VERBS.map((verb) => [verb, this.#watching(verb, late)])
    const { byOwner, count, now } = behind
    this.watched = {
      ...(Object.fromEntries(verbs) as Pick<SessionStore, Verb>),
      loadsAtOnce: !late && behind.loadsAtOnce === true,
      clearExpired: (options) => behind.clearExpired(options),
      records: (options) => behind.records(options),
      ...(byOwner && { byOwner: (owner: string) => byOwner.call(behind, owner) }),
      ...(count && { count: () => count.call(behind) }),
      ...(now && { now: () => now.call(behind) }),
      close: () => behind.close(),
    }
  }

  /** What was asked for a session, in order. */
  askedFor(key: SessionKey): Verb[] {
    return this.#asked.filter((call) => call.key === key).map(({ verb }) => verb)
  }

  /** From now on such calls for a session fail, until {@link heal}. */
  fail(key: SessionKey, ...verbs: Verb[]): void {
    for (const verb of verbs) this.#failing.add(`${verb} ${key}`)
  }

  heal(key: SessionKey): void {
    for (const verb of VERBS) this.#failing.delete(`${verb} ${key}`)
  }

  /** Holds such calls for a session back. Returns what lets them go. Only of a store that answers later. */
  hold(key: SessionKey, ...verbs: Verb[]): () => void {
    const { opened, open } = gate()
    for (const verb of verbs) this.#held.set(`${verb} ${key}`, opened)
    return () => {
      for (const verb of verbs) this.#held.delete(`${verb} ${key}`)
      open()
    }
  }

  #watching(verb: Verb, late: boolean) {
    return (key: SessionKey, ...rest: unknown[]): unknown => {
      this.#asked.push({ verb, key })
      const call = `${verb} ${key}`
      const work = () => {
        if (this.#failing.has(call))
          throw new StoreUnavailableError('The store of this case is out of order.')
        return Reflect.apply(this.behind[verb] as (...args: unknown[]) => unknown, this.behind, [
          key,
          ...rest,
        ])
      }
      if (!late) return work()
      return sleep(LATE_MS)
        .then(() => this.#held.get(call))
        .then(work)
    }
  }
}
