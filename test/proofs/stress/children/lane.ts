import { setImmediate as nextTurn } from 'node:timers/promises'
import { sessionKey } from 'untorn'
import { type Answer, recordIn, type SeenChange } from '../history/operation.ts'
import type { Random } from '../random.ts'
import { tagOf } from '../tags.ts'
import { type Address, isShortLived, type Place, placeOfSlot } from '../wire.ts'
import type { Calls } from './calls.ts'
import type { KnownSessions, Picked } from './known-sessions.ts'

/** Calls after which the event loop is let go: what the parent says is heard then. */
const CALLS_PER_TURN = 16

const HOUR_MS = 3_600_000
const LAST_MOMENT_MS = 8

const VERBS = {
  load: 30,
  exists: 5,
  saveOwn: 26,
  saveShared: 12,
  conditional: 10,
  saveAndTouch: 5,
  touch: 8,
  remove: 3,
  look: 2,
} as const

/** Deletes by the session's role: hot ones live for many saves, so that their journals are folded. */
const DELETED = { hot: 1 / 1500, cold: 1 / 20, lasting: 0, old: 1 / 10 } as const

/** What a lane works with. */
export interface LaneParts {
  calls: Calls
  known: KnownSessions
  places: readonly Place[]
  random: Random
  /** The name of the values that only this lane of this seat sets. */
  name: string
  /** A new session is in a slot: the others want to know. */
  put: (slot: number, session: Address) => void
  /** What the parent wants created now; undefined: nothing. */
  nextContest: () => Address | undefined
  /** Makes all descriptors scarce for a while; undefined: this process has plenty. */
  starve: (() => void) | undefined
}

/** One caller of the stores, which makes a call after another. A process has several, and their calls overlap. */
export class Lane {
  readonly #parts: LaneParts

  constructor(parts: LaneParts) {
    this.#parts = parts
  }

  async run(isOver: () => boolean): Promise<void> {
    for (let n = 1; !isOver(); n++) {
      await this.#step()
      if (n % CALLS_PER_TURN === 0) await nextTurn()
    }
  }

  async #step(): Promise<void> {
    const { random, known, calls, places } = this.#parts
    const contest = this.#parts.nextContest()
    if (contest) return await this.#contest(contest)
    if (random.chance(1 / 4000)) return await calls.list(random.pick(places).name)
    if (random.chance(1 / 4000)) return await calls.sweep(random.pick(places).name)
    if (random.chance(1 / 500)) this.#parts.starve?.()
    const picked = known.pick(random)
    if (!picked.session) return await this.#createIn(picked.slot!)
    if (random.chance(DELETED[picked.role])) return await this.#delete(picked, picked.session)
    const answer = await this.#use(picked.session)
    await this.#replace(picked, answer)
  }

  async #use(session: Address): Promise<Answer> {
    const { random, calls } = this.#parts
    switch (random.weighted(VERBS)) {
      case 'load':
        return await this.#loadAndKeep(session)
      case 'exists':
        return await calls.exists(session)
      case 'saveOwn':
        return await calls.save(session, this.#change(`own.${this.#parts.name}`))
      case 'saveShared':
        return await calls.save(session, this.#change(`shared.${random.below(3)}`))
      case 'conditional':
        return await this.#conditional(session)
      case 'saveAndTouch':
        return await calls.save(session, { ...this.#change('touched'), expiresAt: this.#expiry(session) })
      case 'touch':
        return await calls.save(session, { expiresAt: this.#expiry(session) })
      case 'remove':
        return await calls.save(session, {
          ...this.#change('removed'),
          delete: [`shared.${random.below(3)}`, 'touched'],
        })
      case 'look':
        return await calls.save(session, {})
    }
  }

  /** Extends one in the last moment, when others are about to find it expired, and looks what came of it. */
  async #loadAndKeep(session: Address): Promise<Answer> {
    const { random, calls } = this.#parts
    const answer = await calls.load(session)
    const record = recordIn(answer)
    if (!record || record.expiresAt - Date.now() > LAST_MOMENT_MS || random.chance(0.5)) return answer
    await calls.save(session, { expiresAt: this.#expiry(session) })
    return await calls.load(session)
  }

  /** As `update` of the session layer does it: once more with the record that the conflict answered. */
  async #conditional(session: Address): Promise<Answer> {
    const { calls } = this.#parts
    const answer = await calls.load(session)
    const record = recordIn(answer)
    if (!record) return answer
    const saved = await calls.save(session, this.#change('counted'), record.version)
    if (saved.is !== 'conflict') return saved
    return await calls.save(session, this.#change('counted'), saved.record.version)
  }

  async #delete({ slot }: Picked, session: Address): Promise<void> {
    const answer = await this.#parts.calls.delete(session)
    if (slot !== undefined && answer.is === 'deleted') await this.#createIn(slot)
  }

  /** Another session for one that is over, or that a stopped process holds up; not by everybody who notices. */
  async #replace({ slot }: Picked, answer: Answer): Promise<void> {
    const over = answer.is === 'absent' || answer.is === 'gone'
    const busy = answer.is === 'failed' && answer.error.code === 'UNTORN_STORE_BUSY'
    if (slot !== undefined && (over || busy) && this.#parts.random.chance(0.25)) await this.#createIn(slot)
  }

  async #createIn(slot: number): Promise<void> {
    const { calls, places, put, random } = this.#parts
    const id = `${calls.diary.nextId}/${random.fraction()}`
    const session = { place: placeOfSlot(slot, places).name, key: sessionKey(id) }
    const answer = await this.#create(session, this.#expiry(session))
    if (answer.is === 'created') put(slot, session)
  }

  async #contest(session: Address): Promise<void> {
    await this.#create(session, this.#late())
    this.#parts.known.addLasting(session)
  }

  async #create(session: Address, expiresAt: number): Promise<Answer> {
    const { set: values = {}, owner } = this.#change('created')
    const record = { values, createdAt: Date.now(), expiresAt }
    return await this.#parts.calls.create(session, owner ? { ...record, owner } : record)
  }

  /** A value that nobody else sets, now and then so large that the journal is soon folded; and at times an owner. */
  #change(key: string): SeenChange {
    const { random, calls } = this.#parts
    const size = random.weighted({ small: 60, middle: 32, large: 8 })
    const most = { small: 60, middle: 1000, large: 6000 }[size]
    const change: SeenChange = { set: { [key]: tagOf(calls.diary.nextId, random.below(most)) } }
    if (!random.chance(0.1)) return change
    return { ...change, owner: random.chance(0.3) ? null : `owner ${random.below(5)}` }
  }

  #expiry({ key }: Address): number {
    const { random } = this.#parts
    if (!isShortLived(key)) return this.#late()
    return Date.now() + (random.chance(0.1) ? random.between(20, 100) : random.between(150, 2500))
  }

  /** Seldom twice the same, so that it tells who set it. */
  #late(): number {
    return Date.now() + HOUR_MS + this.#parts.random.below(100 * HOUR_MS)
  }
}
