import type { Change, Stored, Values } from '../store.ts'

/*
 * What stands in records. A session: `signIn`, `application` (the application's epoch when its visitor signed
 * in; null: there was none), and `moved` once it has another id. An owner's record: `epoch`, `r <epoch>`, `s
 * <sign-in>`, `k <sign-in> <key>`, `e <family>`. A sign-in is named "family.one".
 */

export const ownerKey = (owner: string): string => `O ${owner}`
export const noteKey = (id: string): string => `N ${id}`
export const APPLICATION = 'A'

/** Raised to end all that was before. */
export interface Epoch {
  readonly name: string
  /** When any was raised last; 0: never. */
  readonly raisedAt: number
}

export const NEVER: Epoch = { name: '0', raisedAt: 0 }

/**
 * The values that raise it. When that was is kept by each for itself: a slow one takes nothing back of what a
 * later one says.
 */
export function raised({ name, raisedAt }: Epoch): Values {
  return { epoch: name, [raiseName(name)]: raisedAt }
}

const raiseName = (epoch: string): string => `r ${epoch}`

export function epochOf(record: Stored): Epoch {
  const raisedAt = Math.max(0, ...raisesOf(record).map((each) => each.at))
  return { name: record.values.epoch as string, raisedAt }
}

function raisesOf({ values }: Stored): { name: string; at: number }[] {
  const raises = Object.entries(values).filter(([name]) => name.startsWith('r '))
  return raises.map(([name, at]) => ({ name, at: at as number }))
}

/** Names of what tells when it was raised, but for the last time. */
export function olderRaisesOf(record: Stored): string[] {
  const { raisedAt } = epochOf(record)
  return raisesOf(record).flatMap(({ name, at }) => (at < raisedAt ? [name] : []))
}

export interface SignIn {
  readonly signIn: string
  readonly epoch: string
  readonly rank: number
}

export interface Entry {
  readonly name: string
  readonly signIn: string
  readonly key: string
}

export function familyOf(signIn: string): string {
  return signIn.slice(0, signIn.indexOf('.'))
}

export const signInName = (signIn: string): string => `s ${signIn}`
export const entryName = (signIn: string, key: string): string => `k ${signIn} ${key}`

export function signInsOf({ values }: Stored): SignIn[] {
  return Object.entries(values)
    .filter(([name]) => name.startsWith('s '))
    .map(([name, of]) => ({ ...(of as Omit<SignIn, 'signIn'>), signIn: name.slice(2) }))
}

export function entriesOf({ values }: Stored): Entry[] {
  return Object.keys(values)
    .filter((name) => name.startsWith('k '))
    .map((name) => ({ name, signIn: name.split(' ')[1]!, key: name.split(' ')[2]! }))
}

/** The sign-ins that nothing has ended. */
export function validOf(record: Stored): SignIn[] {
  return signInsOf(record).filter(({ epoch }) => epoch === epochOf(record).name)
}

export function isValid(record: Stored, signIn: string): boolean {
  return validOf(record).some((each) => each.signIn === signIn)
}

/** Entries of what has ended, by an end that was not brought to its own end. */
export function leftOverOf(record: Stored): Entry[] {
  return entriesOf(record).filter(({ signIn }) => !isValid(record, signIn))
}

/** The change that makes sign-ins invalid, and keeps why. */
export function ending(signIns: readonly string[], why: string): Change {
  const ends = signIns.map((signIn) => [`e ${familyOf(signIn)}`, why])
  return { set: Object.fromEntries(ends), delete: signIns.map(signInName) }
}

/** Whose a session is. */
export interface Belonging {
  readonly owner: string
  readonly signIn: string
}

export function belongingOf({ owner, values }: Stored): Belonging | undefined {
  return owner === null ? undefined : { owner, signIn: values.signIn as string }
}

export function isMoved({ values }: Stored): boolean {
  return values.moved !== undefined
}

/** Some of a session's values: those that may be kept. */
export function only(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)))
}
