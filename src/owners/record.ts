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
 * The record of an owner, of which each part is taken apart when it is first asked for: most who look at one want little of
 * it, and an owner may have thousands of sessions.
 */
export class OwnerRecord {
  readonly version: number
  readonly epoch: Epoch
  readonly #values: SessionRecord['values']
  #signIns: readonly SignIn[] | undefined
  #entries: readonly Entry[] | undefined

  constructor({ version, values }: Pick<SessionRecord, 'version' | 'values'>) {
    this.version = version
    this.#values = values
    const raisedAt = this.raises.reduce((last, each) => Math.max(last, each.raisedAt), 0)
    this.epoch = { epoch: epochBy(values.get(EPOCH)), raisedAt }
  }

  get signIns(): readonly SignIn[] {
    this.#signIns ??= [...this.#named('s')].map(([signIn, text]) => signInBy(signIn, text))
    return this.#signIns
  }

  get entries(): readonly Entry[] {
    this.#entries ??= [...this.#named('k')].map(([of]) => entryBy(of)).filter((entry) => entry !== undefined)
    return this.#entries
  }

  get ends(): End[] {
    return [...this.#named('e')].map(
      ([family, text]) => ({ ...parsed<Omit<End, 'family'>>(text), family }) as End,
    )
  }

  get raises(): Epoch[] {
    return [...this.#named('r')].map(([epoch, text]) => ({ epoch, raisedAt: numberBy(parsed(text)) }))
  }

  /** The sign-ins that nothing has ended. */
  get valid(): SignIn[] {
    return this.signIns.filter(({ epoch }) => epoch === this.epoch.epoch)
  }

  /** Those that something has, and that are still there. */
  get invalid(): SignIn[] {
    return this.signIns.filter(({ epoch }) => epoch !== this.epoch.epoch)
  }

  /** A sign-in by its name; `undefined`: it is not valid. */
  validOf(signIn: string): SignIn | undefined {
    const text = this.#values.get(signInName(signIn))
    if (text === undefined) return undefined
    const found = signInBy(signIn, text)
    return found.epoch === this.epoch.epoch ? found : undefined
  }

  isValid(signIn: string): boolean {
    return this.validOf(signIn) !== undefined
  }

  ofFamily(family: string): SignIn[] {
    return this.signIns.filter(({ signIn }) => familyOf(signIn) === family)
  }

  entriesOf(isMeant: (signIn: string) => boolean): Entry[] {
    return this.entries.filter(({ signIn }) => isMeant(signIn))
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
    const entries = this.entriesOf((signIn) => over.has(signIn)).map(({ name }) => name)
    const ends = [...this.ends].sort((a, b) => b.at - a.at).slice(MOST_ENDS - 1)
    return [
      ...[...over].map(signInName),
      ...entries,
      ...ends.map(({ family }) => endName(family)),
      ...this.olderRaises,
    ]
  }

  /** Names of what tells when it was raised, but for the last time. */
  get olderRaises(): string[] {
    const { raisedAt } = this.epoch
    return this.raises.filter((each) => each.raisedAt < raisedAt).map(({ epoch }) => raiseName(epoch))
  }

  /** The values of one kind, by what stands behind it in their names. */
  *#named(kind: 's' | 'k' | 'e' | 'r'): Generator<[rest: string, text: string]> {
    for (const [name, text] of this.#values) if (name.startsWith(`${kind} `)) yield [name.slice(2), text]
  }
}

function entryBy(of: string): Entry | undefined {
  const [signIn = '', key] = of.split(' ')
  return isSessionKey(key) ? { name: `k ${of}`, signIn, key } : undefined
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
  const found = parsed<Omit<SignIn, 'signIn'>>(text)
  return { ...found, signIn, rank: numberBy(found?.rank) } as SignIn
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
