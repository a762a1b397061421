import { Course, type Ground } from './course.ts'
import { type Belonging, belongingOf, isMoved } from './protocol/records.ts'
import type { Told } from './protocol/steps.ts'
import type { Deed } from './protocol/verbs.ts'
import type { Planned, Scenario } from './scenarios.ts'
import type { Doing, State } from './state.ts'
import { found, type Stored, type World, type Worlds } from './store.ts'

/** The deed that is planned, where "#2" stands for the key of what the third one has told. */
export function resolved(planned: Omit<Planned, 'after'>, doings: readonly Doing[]): Deed {
  return Object.fromEntries(
    Object.entries(planned).map(([name, value]) => {
      const place = typeof value === 'string' ? /^#(\d)/.exec(value)?.[1] : undefined
      if (place === undefined) return [name, value]
      const told = doings[Number(place)]!.course?.told ?? []
      return [name, told.find(({ key }) => key !== undefined)?.key ?? 'K of nobody']
    }),
  ) as Deed
}

/** A session that somebody has the cookie of. */
export interface Signed {
  /** The verb that its cookie came from. */
  readonly place: number
  /** The verb that signed in: it, or the one that it was rotated from. */
  readonly root: number
  readonly key: string
  readonly from: string | undefined
}

/** A state, as a judge looks at it. */
export class Moment {
  readonly scenario: Scenario
  readonly world: World
  readonly state: State
  /** By key. */
  readonly signed: ReadonlyMap<string, Signed>
  readonly #ground: Ground
  readonly #worlds: Worlds

  constructor(scenario: Scenario, ground: Ground, worlds: Worlds, state: State) {
    this.scenario = scenario
    this.world = state.world
    this.state = state
    this.#ground = ground
    this.#worlds = worlds
    this.signed = this.#signed()
  }

  /** Whose cookies work. */
  get working(): Signed[] {
    return [...this.signed.values()].filter(({ key }) => this.session(key) !== undefined)
  }

  session(key: string, world = this.world): Stored | undefined {
    const record = found(world, key)
    return record === undefined || isMoved(record) ? undefined : record
  }

  belonging(key: string): Belonging | undefined {
    const record = found(this.world, key)
    return record && belongingOf(record)
  }

  told(place: number): readonly Told[] {
    return this.state.doings[place]!.course?.told ?? []
  }

  isOk(place: number): boolean {
    return this.told(place)[0]?.result === 'ok'
  }

  keyOf(place: number): string | undefined {
    return this.told(place).find(({ key }) => key !== undefined)?.key
  }

  /** The key that a deed's id stands for. */
  idOf({ id }: { readonly id: string }): string | undefined {
    return id.startsWith('#') ? this.keyOf(Number(id.slice(1))) : id
  }

  began(place: number): number {
    return this.#when(`b${place}`)
  }

  ended(place: number): number {
    return this.#when(`e${place}`)
  }

  #when(event: string): number {
    const at = this.state.events.indexOf(event)
    return at < 0 ? Number.POSITIVE_INFINITY : at
  }

  /** Something went wrong that a verb was told of, or a process died. */
  get isFaulty(): boolean {
    return this.hasDied || this.state.doings.some((_, place) => this.told(place)[0]?.result === 'failed')
  }

  get hasDied(): boolean {
    return this.state.doings.some(({ isDead }) => isDead)
  }

  get hasLost(): boolean {
    return this.state.losses < (this.scenario.losses ?? 1)
  }

  others(place: number, verbs: RegExp): boolean {
    return this.scenario.deeds.some((deed, other) => other !== place && verbs.test(deed.verb))
  }

  /** What a further verb comes to, alone and without a fault. */
  afterwards(deed: Deed, world = this.world): { told: Told | undefined; world: World } {
    let now = world
    let course = Course.begin(this.#ground, deed, this.scenario.deeds.length, world.now)
    while (course.calls !== undefined) {
      const answers = course.calls.map(({ call, name }) => {
        const { world: next, ...answered } = this.#worlds.ask(now, call, name)
        now = next
        return answered
      })
      course = course.next(answers, now.now)
    }
    return { told: course.told[0], world: now }
  }

  #signed(): Map<string, Signed> {
    const signed = new Map<string, Signed>()
    const told = this.scenario.deeds.flatMap((_, place) =>
      this.told(place).map(({ key, from }) => ({ place, key, from })),
    )
    for (const { place, key, from } of told) {
      if (key === undefined) continue
      const root = from === undefined ? place : (signed.get(from)?.root ?? this.#rootOf(from, told) ?? place)
      signed.set(key, { place, root, key, from })
    }
    return signed
  }

  #rootOf(
    key: string,
    told: readonly { place: number; key: string | undefined; from: string | undefined }[],
  ): number | undefined {
    const one = told.find((each) => each.key === key)
    if (one === undefined) return undefined
    return one.from === undefined ? one.place : this.#rootOf(one.from, told)
  }
}
