import type { SessionKey } from '../../../src/contract/key.ts'
import type { Operation, Outcome } from './operation.ts'

/** An operation as it is seen from outside: when it began and ended, and what it answered. */
export interface Happened {
  readonly pid: number
  readonly index: number
  readonly operation: Operation
  /** The version that a conditional save named. */
  readonly ifVersion: number | undefined
  /** Place in the order of all beginnings and ends. */
  readonly begun: number
  /** The clock then. */
  readonly beganAt: number
  /** The latest time that it saw, where the clock jumped while it was under way. */
  latest?: number
  ended?: number
  endedAt?: number
  outcome?: Outcome
  /** Its process was killed, or the power failed, before it answered. */
  cut?: true
}

/** What a world's operations did, in the order of their beginnings. */
export class History {
  readonly all: readonly Happened[]
  /** Where in the order of beginnings and ends the history is. Beginnings next to each other have the same place. */
  readonly #place: number
  readonly #last: 'begin' | 'end'
  #digest: string | undefined

  constructor(all: readonly Happened[] = [], place = 0, last: 'begin' | 'end' = 'begin') {
    this.all = all
    this.#place = place
    this.#last = last
  }

  begin(happened: Omit<Happened, 'begun'>): History {
    const place = this.#last === 'begin' ? this.#place : this.#place + 1
    return new History([...this.all, { ...happened, begun: place }], place, 'begin')
  }

  end(pid: number, index: number, outcome: Outcome, now: number): History {
    const place = this.#last === 'end' ? this.#place : this.#place + 1
    const all = this.all.map((one) =>
      one.pid === pid && one.index === index ? { ...one, ended: place, endedAt: now, outcome } : one,
    )
    return new History(all, place, 'end')
  }

  /** The clock jumps. */
  at(now: number): History {
    const all = this.all.map((one) =>
      one.ended === undefined ? { ...one, latest: Math.max(one.latest ?? one.beganAt, now) } : one,
    )
    return new History(all, this.#place, this.#last)
  }

  /** What a process had under way will have no answer. */
  cut(pid: number, now: number): History {
    const place = this.#last === 'end' ? this.#place : this.#place + 1
    const all = this.all.map(
      (one): Happened =>
        one.pid === pid && one.ended === undefined ? { ...one, ended: place, endedAt: now, cut: true } : one,
    )
    return new History(all, place, 'end')
  }

  /** The same text for histories between which nobody could tell a difference. */
  digest(): string {
    this.#digest ??= this.#described()
    return this.#digest
  }

  #described(): string {
    const parts = this.all.map(
      ({ pid, index, begun, beganAt, latest = beganAt, ended, endedAt, cut }) =>
        `${pid}.${index}:${begun}@${beganAt}^${latest}-${ended ?? ''}@${endedAt ?? ''}${cut ? '!' : ''}`,
    )
    return `${parts.sort().join()}#${this.#last}`
  }

  /** What may come by any session. */
  get sweeps(): Happened[] {
    return this.all.filter(({ operation }) => operation.verb === 'sweep')
  }

  /** What concerns one session. */
  of(key: SessionKey): Happened[] {
    return this.all.filter(({ operation }) => 'key' in operation && operation.key === key)
  }
}
