import { check, type History } from '../check.ts'
import type {
  Answer,
  Call,
  Operation,
  SeenChange,
  SeenError,
  SeenNewRecord,
  SeenRecord,
} from '../operation.ts'
import type { Rules, Violation } from '../rules.ts'

/** From when to when, in ms on both clocks. `'killed'`: its process was, at the end of that time, before an answer. */
type When = readonly [begun: number, ended: number] | readonly [begun: number, ended: number, 'killed']

export const RULES: Rules = { failuresMayStand: false, longestWait: 500 }

/** When sessions of a story expire that say nothing else. */
export const LATE = 100_000

const PLACE = 'disk'
const NAME = 'session'

/** A history of one session, told by a test. Every call gets an id, by which the values that it sets are named. */
export class Story {
  readonly #operations: Operation[] = []
  readonly #listings: History['listings'][number][] = []
  readonly #stops = new Map<string, { from: number; to: number }[]>()

  /** The session's creation with the value `made`, at 0 to 1. */
  static begun(expiresAt = LATE): Story {
    return new Story().create('made', [0, 1], { is: 'created' }, expiresAt)
  }

  create(id: string, when: When, answer?: Answer, expiresAt = LATE): this {
    const record: SeenNewRecord = { values: { made: tag(id) }, createdAt: 0, expiresAt }
    return this.#add(id, when, { verb: 'create', record }, answer)
  }

  load(id: string, when: When, record?: SeenRecord): this {
    return this.#add(id, when, { verb: 'load' }, record ? { is: 'found', record } : { is: 'absent' })
  }

  exists(id: string, when: When, is: 'there' | 'absent'): this {
    return this.#add(id, when, { verb: 'exists' }, { is })
  }

  /** A save that sets a value, or what else the change says. */
  save(id: string, when: When, change: string | SeenChange, answer?: Answer, ifVersion?: number): this {
    const whole = typeof change === 'string' ? { set: { [change]: tag(id) } } : change
    const condition = ifVersion === undefined ? {} : { ifVersion }
    return this.#add(id, when, { verb: 'save', change: whole, ...condition }, answer)
  }

  delete(id: string, when: When, answer?: Answer): this {
    return this.#add(id, when, { verb: 'delete' }, answer)
  }

  list(id: string, when: When, records: Record<string, SeenRecord>, place = PLACE): this {
    const { call: _, ...look } = this.#operation(id, when, { verb: 'list' })
    this.#listings.push({ ...look, place, records: new Map(Object.entries(records)) })
    return this
  }

  stop(worker: string, from: number, to: number): this {
    this.#stops.set(worker, [{ from, to }])
    return this
  }

  history(): History {
    const sessions = [{ name: NAME, place: PLACE, operations: this.#operations }]
    return { sessions, listings: this.#listings, stops: this.#stops }
  }

  violations(rules: Partial<Rules> = {}): Violation[] {
    return check(this.history(), { ...RULES, ...rules }).violations
  }

  /** The promises that it breaks, each once. */
  broken(rules: Partial<Rules> = {}): string[] {
    return [...new Set(this.violations(rules).map(({ promise }) => promise))].sort()
  }

  #add(id: string, when: When, call: Call, answer: Answer | undefined): this {
    const operation = this.#operation(id, when, call)
    if (when[2] !== 'killed') operation.answer = answer ?? { is: 'gone' }
    this.#operations.push(operation)
    return this
  }

  #operation(id: string, [begun, ended]: When, call: Call): Operation {
    return { id, worker: id, begun, ended, wallBegun: begun, wallEnded: ended, call }
  }
}

/** The tag of a value that a call sets. */
export function tag(id: string): string {
  return `${id}/1`
}

/** A record with the value `made` of its creation, and others by the ids of those who set them. */
export function record(
  version: number,
  others: Record<string, string> = {},
  more: Partial<SeenRecord> = {},
): SeenRecord {
  const values = Object.entries({ made: 'made', ...others }).map(([key, id]) => [key, tag(id)])
  return { version, values: Object.fromEntries(values), createdAt: 0, expiresAt: LATE, ...more }
}

export function saved(...of: Parameters<typeof record>): Answer {
  return { is: 'saved', record: record(...of) }
}

export function conflict(...of: Parameters<typeof record>): Answer {
  return { is: 'conflict', record: record(...of) }
}

export function failed(error: Partial<SeenError> = {}): Answer {
  const full: SeenError = {
    name: 'StoreUnavailableError',
    ours: true,
    code: 'UNTORN_STORE_UNAVAILABLE',
    cause: 'ENOSPC',
    message: 'Could not save a session.',
    leaks: false,
    ...error,
  }
  return { is: 'failed', error: full }
}
