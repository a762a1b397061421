import { setImmediate as macrotask } from 'node:timers/promises'
import type { SessionKey } from '../../../src/contract/key.ts'
import type { SessionRecord } from '../../../src/contract/record.ts'
import { StoreUnavailableError } from '../../../src/errors.ts'
import { PlainStore } from '../../support/plain-store.ts'
import { type Course, inOrder, takeStep } from '../accounts/explore.ts'
import { type Failure, Gate, GatedStore, type Step } from '../accounts/gate.ts'
import { type Broken, judge, judgeAnswer } from './judge.ts'
import { BEFORE, VERBS, type Verb } from './verbs.ts'
import { idIn, type Library, Visit } from './visit.ts'

export interface Plan {
  readonly verbs: readonly [first: Verb, second?: Verb]
  readonly failure?: Failure
}

/** Begins a session by a first request, which has a store that answers at once. */
const begins: Verb = {
  ...VERBS.adds,
  act: (req) => void Object.assign(req.session, structuredClone(BEFORE)),
}

/** What is stored behind the first request, and the cookie that it was answered with. */
interface Beginning {
  readonly stored: readonly (readonly [SessionKey, SessionRecord])[]
  readonly cookie: string
}

/** Made once for all courses of a library: each begins at the same moment. */
const beginnings = new WeakMap<Library, Beginning>()

function beginningOf(library: Library): Beginning {
  const known = beginnings.get(library)
  if (known !== undefined) return known
  const store = new PlainStore()
  const first = new Visit(begins, 'first', undefined)
  first.begin(library, store)
  const beginning = { stored: store.all(), cookie: first.given! }
  beginnings.set(library, beginning)
  return beginning
}

/** Two requests of one visitor, each in a process of its own, in the middle of what they do. */
export class TwoVisits implements Course {
  readonly #plan: Plan
  readonly #store = new PlainStore()
  readonly #gate = new Gate()
  readonly #id: string
  readonly #visits: readonly Visit[]
  readonly #stores: readonly GatedStore[]
  /** What was broken when an answer left. */
  #broken: Broken | undefined

  constructor(library: Library, plan: Plan) {
    this.#plan = plan
    const { stored, cookie } = beginningOf(library)
    this.#store.reset(stored)
    this.#id = idIn(cookie)!
    const verbs = plan.verbs.filter((verb) => verb !== undefined)
    this.#visits = verbs.map((verb, nth) => new Visit(verb, `by ${nth}`, cookie))
    const lost = () => new StoreUnavailableError('The answer of the store did not arrive.')
    this.#stores = verbs.map((_, nth) => new GatedStore(this.#store, this.#gate, nth, plan.failure, lost))
    for (const [nth, visit] of this.#visits.entries()) {
      visit.onAnswer = () => this.#answered(visit)
      const store = this.#stores[nth]!
      store.onDeath = () => {
        visit.hasDied = true
      }
      const take = (): void => visit.begin(library, store)
      this.#gate.waiting.push({ of: nth, nth: -1, about: undefined, changes: false, take })
    }
  }

  get title(): string {
    const { verbs, failure } = this.#plan
    const failing = failure && `call ${failure.nth} of ${failure.of} ${failure.how}`
    return [verbs.map((verb) => verb?.name).join(' || '), failing].filter(Boolean).join(', ')
  }

  get enabled(): readonly Step[] {
    return inOrder(this.#gate.waiting)
  }

  get hasFailed(): boolean {
    return this.#stores.some((store) => store.hasFailed)
  }

  get text(): string {
    return this.#visits
      .map(({ verb, status, errors }) => `${verb.name}: ${status} ${errors.join(', ')}`)
      .join('; ')
  }

  take(step: Step): Promise<void> {
    return takeStep(this.#gate, step, () => this.#isQuiet)
  }

  async judge(): Promise<void> {
    // What fails is told to `next` when the answer has left.
    for (let turns = 0; turns < 3; turns++) await macrotask()
    if (this.#broken !== undefined) throw this.#broken
    judge(this.#store, this.#visits, this.#id)
  }

  get #isQuiet(): boolean {
    return this.#visits.every((visit, nth) => visit.isOver || this.#gate.waiting.some(({ of }) => of === nth))
  }

  #answered(visit: Visit): void {
    try {
      judgeAnswer(this.#store, visit)
    } catch (error) {
      this.#broken ??= error as Broken
    }
  }
}
