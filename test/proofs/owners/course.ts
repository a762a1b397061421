import { LOST, type Setting, type Steps, type Told } from './protocol/steps.ts'
import type { Deed } from './protocol/verbs.ts'
import { type Answer, type Call, Names } from './store.ts'

/** The protocol as it stands, or with a step left out. */
export type Begin = (setting: Setting, deed: Deed) => Steps

/** What became of a call. */
export interface Answered {
  readonly answer: Answer | typeof LOST
  readonly name: number
}

export const lost: Answered = { answer: LOST, name: -1 }

/** The begin of a verb, without answers, or what one of its steps got. */
interface Got {
  readonly answers: readonly Answered[]
  readonly now: number
}

/** What all courses of one scenario have in common. */
export interface Ground extends Omit<Setting, 'fresh' | 'now'> {
  readonly begin: Begin
  readonly calls: Names
  readonly begun: Map<string, Course>
}

export function newGround(setting: Omit<Setting, 'fresh' | 'now'>, begin: Begin): Ground {
  return { ...setting, begin, calls: new Names(), begun: new Map() }
}

/** How far one verb has come, by the answers that it got. One that is there already is not played again. */
export class Course {
  static #ids = 0
  readonly id = Course.#ids++
  readonly told: readonly Told[]
  /** What it has asked, side by side; `undefined`: it is over. */
  readonly calls: readonly { readonly call: Call; readonly name: number }[] | undefined
  readonly #ground: Ground
  readonly #deed: Deed
  readonly #place: number
  readonly #past: readonly Got[]
  readonly #next = new Map<string, Course>()

  static begin(ground: Ground, deed: Deed, place: number, now: number): Course {
    const how = `${place} ${JSON.stringify(deed)} ${now}`
    let course = ground.begun.get(how)
    if (course === undefined) {
      course = new Course(ground, deed, place, [{ answers: [], now }])
      ground.begun.set(how, course)
    }
    return course
  }

  private constructor(ground: Ground, deed: Deed, place: number, past: readonly Got[]) {
    this.#ground = ground
    this.#deed = deed
    this.#place = place
    this.#past = past
    const { calls, told } = play(ground, deed, place, past)
    this.told = told
    this.calls = calls?.map((call) => ({ call, name: ground.calls.of(call) }))
  }

  next(answers: readonly Answered[], now: number): Course {
    const how = `${answers.map(({ name }) => name).join()} ${now}`
    let course = this.#next.get(how)
    if (course === undefined) {
      course = new Course(this.#ground, this.#deed, this.#place, [...this.#past, { answers, now }])
      this.#next.set(how, course)
    }
    return course
  }
}

/** Plays a verb anew: generators can't be copied. */
function play(
  ground: Ground,
  deed: Deed,
  place: number,
  past: readonly Got[],
): { calls: readonly Call[] | undefined; told: readonly Told[] } {
  let made = 0
  let { now } = past[0]!
  const setting: Setting = {
    ...ground,
    fresh: (kind) => `${kind}${place}_${made++}`,
    get now() {
      return now
    },
  }
  const steps = ground.begin(setting, deed)
  const told: Told[] = []
  let step = steps.next([])
  for (let at = 1; ; ) {
    if (step.done) return { calls: undefined, told }
    if ('result' in step.value) {
      told.push(step.value)
      step = steps.next([])
    } else {
      const one = past[at++]
      if (one === undefined) return { calls: step.value, told }
      now = one.now
      step = steps.next(one.answers.map(({ answer }) => answer))
    }
  }
}
