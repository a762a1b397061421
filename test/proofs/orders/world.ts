import { keyOfNoSession, type SessionKey, sessionKey } from '../../../src/contract/key.ts'
import type { SessionRecord } from '../../../src/contract/record.ts'
import { Turns } from '../../../src/contract/turns.ts'
import type { Steps } from '../../../src/contract/wait.ts'
import type { Happened } from './linearise.ts'
import { answerText, type Call, type Clock, ModelStore } from './model-store.ts'
import { EXPIRY, type Operation, observer, type Script, type Verbs } from './scripts.ts'

const KEY = sessionKey('the session')

/** Of what is no session: it may be used again. */
const KEY_AGAIN = keyOfNoSession('the session')

export const FIRST: SessionRecord = {
  version: 3,
  values: new Map([['count', '0']]),
  createdAt: 1,
  expiresAt: EXPIRY,
  owner: 'ada',
}

export interface Plan {
  processes: readonly Script[]
  /** How many of the processes may die, each at any moment; the others go on. */
  deaths: number
  /** Whether what has expired keeps its key in `to` until it is met. */
  keepsDead?: boolean
  /** Whether the key is used again, so that it is that of what is no session. */
  again?: boolean
}

/** Processes in the middle of what they do. */
export class World {
  readonly #clock: Clock = { now: 0 }
  readonly #from = new ModelStore(this.#clock, false)
  readonly #to: ModelStore
  readonly #processes: Process[]
  readonly #plan: Plan
  readonly #verbs: Verbs
  readonly #key: SessionKey
  #answered = 0
  readonly happened: Happened[] = []

  constructor(plan: Plan, verbs: Verbs) {
    this.#plan = plan
    this.#verbs = verbs
    this.#to = new ModelStore(this.#clock, plan.keepsDead ?? false)
    this.#key = plan.again ? KEY_AGAIN : KEY
    this.#from.put(this.#key, FIRST)
    this.#processes = plan.processes.map((script) => new Process(script))
  }

  /** The processes that have more to do. */
  get active(): number[] {
    return [...this.#processes.keys()].filter((index) => !this.#processes[index]!.isOver)
  }

  /** Whether it may be over here: who is left has died then, and its death can have been at any moment before. */
  get mayBeOver(): boolean {
    return this.active.length <= this.#plan.deaths
  }

  /** A process makes its next call. */
  step(index: number): void {
    this.#step(this.#processes[index]!)
  }

  /** All that what comes next depends on. */
  get text(): string {
    const processes = this.#processes.map((process) => process.text)
    return [this.result, ...processes].join('\n')
  }

  /** What there is to be judged. */
  get result(): string {
    const happened = this.happened.map(
      ({ operation, after, answer }) =>
        `${operation.verb} ${after} ${answer ? answerText(answer.value) : '?'}`,
    )
    return [this.#clock.now, this.#from.text, this.#to.text, ...happened].join('\n')
  }

  get marksLeft(): boolean {
    const live = [this.#from.live(this.#key), this.#to.live(this.#key)]
    return (
      this.active.length === 0 &&
      live.some((record) => record && [...record.values.keys()].some((name) => name.includes(':')))
    )
  }

  /** Everybody is done: what they have left is looked at. */
  observe(): void {
    const process = new Process(observer)
    while (!process.isOver) this.#step(process)
  }

  #step(process: Process): void {
    if (!process.isBusy) {
      const operation = process.next!
      process.begin(this.#stepsOf(operation), this.happened.length)
      this.happened.push({ operation, after: this.#answered })
    }
    const answer = process.perform()
    if (!answer) return
    this.happened[process.current]!.answer = answer
    this.#answered |= 1 << process.current
    process.answered(answer.value)
  }

  #stepsOf(operation: Operation): Steps<unknown> {
    // A process does one thing after the other, so that its turn is always its own.
    const pair = { from: this.#from, to: this.#to, turns: new Turns() }
    const verbs = this.#verbs
    switch (operation.verb) {
      case 'load':
        return (operation.side === 'from' ? verbs.loadHere : verbs.loadThere)(pair, this.#key)
      case 'save': {
        const save = operation.side === 'from' ? verbs.saveHere : verbs.saveThere
        return save(pair, this.#key, operation.change, operation.ifVersion)
      }
      case 'delete':
        return verbs.deleteFrom(pair, this.#key)
      case 'move':
        return verbs.move(pair, this.#key)
      case 'create':
        return verbs.createIn(operation.side, pair, this.#key, operation.record)
      case 'expire':
        this.#clock.now = EXPIRY
        return (function* () {})()
    }
  }
}

class Process {
  readonly #script: Generator<Operation, void, unknown>
  #next: Operation | undefined
  #steps: Steps<unknown> | undefined
  #waiting: IteratorResult<unknown, unknown> | undefined
  /** What it was told since it began its operation, from which follows where it is. */
  #told: string[] = []
  /** The number of its operation that is under way. */
  current = -1

  constructor(script: Script) {
    this.#script = script()
    this.#next = this.#script.next().value as Operation | undefined
  }

  get isOver(): boolean {
    return this.#next === undefined
  }

  get isBusy(): boolean {
    return this.#steps !== undefined
  }

  get next(): Operation | undefined {
    return this.#next
  }

  get text(): string {
    return `${this.current} ${this.#told.join('|')}`
  }

  begin(steps: Steps<unknown>, current: number): void {
    this.#steps = steps
    this.current = current
    this.#told = []
    this.#waiting = steps.next()
  }

  /** Makes the call that waits; the answer, once there is nothing more to call. */
  perform(): { value: unknown } | undefined {
    if (!this.#waiting!.done) {
      const told = (this.#waiting!.value as Call).perform()
      this.#told.push(answerText(told))
      this.#waiting = this.#steps!.next(told)
    }
    return this.#waiting!.done ? { value: this.#waiting!.value } : undefined
  }

  answered(value: unknown): void {
    this.#steps = undefined
    this.#told = []
    this.#next = this.#script.next(value).value as Operation | undefined
  }
}
