import { randomBytes } from 'node:crypto'
import { isSessionKey, type SessionKey } from '../contract/key.ts'
import type { SessionChange, SessionRecord } from '../contract/record.ts'
import { familyOf } from './belonging.ts'
import type { EndedBecause } from './registry.ts'

/*
 * The record of an owner. Its values:
 *
 *   epoch                    raised by whoever ends all that is
 *   r <epoch>                when that was; each its own, so that a slow one takes nothing back of what a later one has said
 *   s <sign-in>              a sign-in, with the epoch that it was made under: it is valid for as long as that is the record's
 *   k <sign-in> <key>        a session that was stored for it
 *   e <family>               why and when a family has ended, for a while
 *
 * An entry `k` without a valid `s` is of a session that is ended: whoever meets one deletes the session. The entry goes after
 * the session, never before it.
 */

/** What is raised to end all that was before. */
export interface Epoch {
  readonly epoch: string
  /** When any was raised last, in the store's time; 0: never yet. */
  readonly raisedAt: number
}

/** A sign-in as the owner's record has it. */
export interface SignIn {
  readonly signIn: string
  readonly epoch: string
  /** Of two sign-ins the later one has the higher. */
  readonly rank: number
  /** The application's epoch when it was made; `null`: there was none. */
  readonly application: string | null
  /** Its sessions have outlived their lifetime from then on, by the options that it was made under. */
  readonly until: number
  /** What the option `describe` said. */
  readonly about?: unknown
}

/** A session that was stored for a sign-in. */
export interface Entry {
  readonly name: string
  readonly signIn: string
  readonly key: SessionKey
}

/** How a family has ended. */
export interface End {
  readonly family: string
  readonly why: EndedBecause
  readonly at: number
}

const EPOCH = 'epoch'
/** Of a record in which nothing was raised. */
export const FIRST_EPOCH = '0'
/** Nothing that was entered before is valid under it: what was ended must not come to life. */
const DAMAGED = 'damaged'
/** More are forgotten. */
const MOST_ENDS = 20
/** Values: to go through as many takes a millisecond or two. */
const LARGE = 2000

export function newEpoch(raisedAt: number): Epoch {
  return { epoch: randomBytes(12).toString('base64url'), raisedAt }
}

/** The values of a record that is made for this. */
export function firstValues(set: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([[EPOCH, JSON.stringify(FIRST_EPOCH)], ...set])
}

/** The values that raise it. */
export function raised({ epoch, raisedAt }: Epoch): Map<string, string> {
  return new Map([
    [EPOCH, JSON.stringify(epoch)],
    [raiseName(epoch), JSON.stringify(raisedAt)],
  ])
}

function raiseName(epoch: string): string {
  return `r ${epoch}`
}

export function signInName(signIn: string): string {
  return `s ${signIn}`
}

export function entryName(signIn: string, key: SessionKey): string {
  return `k ${signIn} ${key}`
}

export function validText({ signIn: _, ...rest }: SignIn): string {
  return JSON.stringify(rest)
}

/** What makes a sign-in and its session known. */
export function entered(of: SignIn, key: SessionKey): Map<string, string> {
  return new Map([
    [signInName(of.signIn), validText(of)],
    [entryName(of.signIn, key), '1'],
  ])
}

/**
 * The record of an owner, of which each part is taken apart when it is first asked for, and once: most who look at one want
 * little of it, and an owner may have thousands of sessions.
 */
export class OwnerRecord {
  readonly version: number
  readonly createdAt: number
  readonly epoch: Epoch
  readonly #values: SessionRecord['values']
  readonly #names: Record<Kind, string[]>
  /** As it was read before: of what is the same text it need not be taken apart once more. */
  #before: OwnerRecord | undefined
  #signIns: ReadonlyMap<string, SignIn> | undefined
  #valid: readonly SignIn[] | undefined

  /** `before`: the same owner's, as it was a moment ago. */
  constructor({ version, createdAt, values }: SessionRecord, before?: OwnerRecord) {
    this.version = version
    this.createdAt = createdAt
    this.#values = values
    this.#names = namesByKind(values)
    this.#before = before
    const raisedAt = this.raises.reduce((last, each) => Math.max(last, each.raisedAt), 0)
    this.epoch = { epoch: epochBy(values.get(EPOCH)), raisedAt }
  }

  /** It has so much in it that others should have their turn before it is gone through once more. */
  get isLarge(): boolean {
    return this.#values.size > LARGE
  }

  /** One change was made to that, and no other. (A record that came in the place of one that has expired began later.) */
  isNextOf(before: OwnerRecord): boolean {
    return this.version === before.version + 1 && this.createdAt === before.createdAt
  }

  get signIns(): readonly SignIn[] {
    return [...this.#signInsByName().values()]
  }

  get entries(): readonly Entry[] {
    return this.entriesOf(() => true)
  }

  get ends(): End[] {
    return this.#names.e.map((name) => {
      const end = parsed<Omit<End, 'family'>>(this.#values.get(name))
      return { ...end, family: restOf(name) } as End
    })
  }

  get raises(): Epoch[] {
    return this.#names.r.map((name) => ({
      epoch: restOf(name),
      raisedAt: numberBy(parsed(this.#values.get(name))),
    }))
  }

  /** The sign-ins that nothing has ended. */
  get valid(): readonly SignIn[] {
    this.#valid ??= this.signIns.filter(({ epoch }) => epoch === this.epoch.epoch)
    return this.#valid
  }

  /** Those that something has, and that are still there. */
  get invalid(): SignIn[] {
    return this.signIns.filter(({ epoch }) => epoch !== this.epoch.epoch)
  }

  /** A sign-in by its name; `undefined`: it is not valid. */
  validOf(signIn: string): SignIn | undefined {
    const found = this.#signInBy(signInName(signIn))
    return found?.epoch === this.epoch.epoch ? found : undefined
  }

  isValid(signIn: string): boolean {
    return this.validOf(signIn) !== undefined
  }

  /** The names of a family's sign-ins, valid or not. */
  ofFamily(family: string): string[] {
    return this.#names.s.map(restOf).filter((signIn) => familyOf(signIn) === family)
  }

  entriesOf(isMeant: (signIn: string) => boolean): Entry[] {
    const found: Entry[] = []
    for (const name of this.#names.k) {
      const entry = isMeant(signInOfEntry(name)) ? entryBy(name) : undefined
      if (entry !== undefined) found.push(entry)
    }
    return found
  }

  /** Of what has ended, by an end that was not brought to its own end. */
  get leftOver(): Entry[] {
    const valid = new Set(this.valid.map(({ signIn }) => signIn))
    return this.entriesOf((signIn) => !valid.has(signIn))
  }

  /** The rank of the next sign-in. */
  get nextRank(): number {
    return 1 + this.signIns.reduce((most, { rank }) => Math.max(most, rank), 0)
  }

  /** Until when the record is needed. */
  get neededUntil(): number {
    return this.signIns.reduce((last, { until = 0 }) => Math.max(last, until), 0)
  }

  /** Names of what tells of sign-ins whose sessions have outlived their lifetime, and of ends that are long past. */
  outdated(now: number): string[] {
    const over = new Set(this.signIns.filter(({ until }) => until <= now).map(({ signIn }) => signIn))
    const entries = over.size === 0 ? [] : this.entriesOf((signIn) => over.has(signIn))
    const ends = [...this.ends].sort((a, b) => b.at - a.at).slice(MOST_ENDS - 1)
    return [
      ...[...over].map(signInName),
      ...entries.map(({ name }) => name),
      ...ends.map(({ family }) => endName(family)),
      ...this.olderRaises,
    ]
  }

  /** Names of what tells when it was raised, but for the last time. */
  get olderRaises(): string[] {
    const { raisedAt } = this.epoch
    return this.raises.filter((each) => each.raisedAt < raisedAt).map(({ epoch }) => raiseName(epoch))
  }

  /** By the names of their values. */
  #signInsByName(): ReadonlyMap<string, SignIn> {
    this.#signIns ??= new Map(this.#names.s.map((name) => [name, this.#signInBy(name)!]))
    this.#before = undefined
    return this.#signIns
  }

  #signInBy(name: string): SignIn | undefined {
    const text = this.#values.get(name)
    if (text === undefined) return undefined
    const before = this.#before
    const known = this.#signIns?.get(name) ?? (before === undefined ? undefined : before.#knownBy(name, text))
    return known ?? signInBy(restOf(name), text)
  }

  /** What was made of a sign-in of that text, if it was. */
  #knownBy(name: string, text: string): SignIn | undefined {
    return this.#values.get(name) === text ? this.#signIns?.get(name) : undefined
  }
}

type Kind = 's' | 'k' | 'e' | 'r'

/** Names of values by what they tell of: the letter that each begins with, before a space. */
function namesByKind(values: SessionRecord['values']): Record<Kind, string[]> {
  const names: Record<Kind, string[]> = { s: [], k: [], e: [], r: [] }
  for (const name of values.keys()) if (name[1] === ' ') names[name[0] as Kind]?.push(name)
  return names
}

/** What stands behind the kind. */
function restOf(name: string): string {
  return name.slice(2)
}

/** Of the name of an entry: of which sign-in it is. */
function signInOfEntry(name: string): string {
  const end = name.indexOf(' ', 2)
  return end === -1 ? restOf(name) : name.slice(2, end)
}

function entryBy(name: string): Entry | undefined {
  const [signIn = '', key] = restOf(name).split(' ')
  return isSessionKey(key) ? { name, signIn, key } : undefined
}

/** The change that makes sign-ins invalid, and keeps why. */
export function ending(signIns: Iterable<string>, why: EndedBecause, at: number): SessionChange {
  const names = [...signIns]
  return { set: endsOf(names, why, at), delete: names.map(signInName) }
}

/** What is kept of ends, by their families. */
export function endsOf(signIns: Iterable<string>, why: EndedBecause, at: number): Map<string, string> {
  const families = new Set([...signIns].map(familyOf))
  const text = JSON.stringify({ why, at })
  return new Map([...families].slice(-MOST_ENDS).map((family) => [endName(family), text]))
}

function endName(family: string): string {
  return `e ${family}`
}

function epochBy(text: string | undefined): string {
  if (text === undefined) return FIRST_EPOCH
  const epoch = parsed<unknown>(text)
  return typeof epoch === 'string' ? epoch : DAMAGED
}

/** One that is damaged has no epoch, and is not valid. */
function signInBy(signIn: string, text: string): SignIn {
  const found = parsed<object | string | number | boolean | null>(text)
  const of = (typeof found === 'object' && found !== null ? found : {}) as {
    -readonly [P in keyof SignIn]: SignIn[P]
  }
  // Put into what was parsed: there may be thousands, and a copy of each takes as long as to parse it.
  of.signIn = signIn
  of.rank = numberBy(of.rank)
  return of
}

function numberBy(found: unknown): number {
  return Number.isFinite(found) ? (found as number) : 0
}

/** Of a text that is damaged nothing: what it says is not valid then. */
function parsed<T>(text: string | undefined): T | undefined {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
