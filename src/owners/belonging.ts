import { hash, randomBytes } from 'node:crypto'
import type { SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { reservedKeys } from '../values/data.ts'

/** Whose a session is, and by which sign-in. */
export interface Belonging {
  readonly owner: string
  /** The sign-in's name, "family.one": see {@link familyOf}. */
  readonly signIn: string
}

/** What a session's own record says of its sign-in. */
export interface OwnSignIn {
  readonly signIn: string
  /** When its visitor was last asked who they are, in the store's time. */
  readonly authenticatedAt: number
  /** The application's epoch when they signed in; `null`: nothing had been revoked. */
  readonly application: string | null
  /** Which application that is, where it has a name: others may keep their sessions in the same store. */
  readonly app?: string | undefined
}

/**
 * The device that a sign-in is of, as far as anybody can tell: sign-ins that came from one id, a second click or the next
 * tab, are one family, and end together. To the visitor it is the handle of a device.
 */
export function familyOf(signIn: string): string {
  return signIn.slice(0, signIn.indexOf('.'))
}

/**
 * The name of a new sign-in. `before`: the same owner's, in whose family it stays; without one, who comes from the same id is in
 * the same. `cameFrom`: the key of the session that it takes the place of, of which the name tells nothing.
 */
export function newSignIn(before: Belonging | undefined, cameFrom: SessionKey | undefined): string {
  return `${newFamily(before, cameFrom)}.${randomBytes(6).toString('base64url')}`
}

function newFamily(before: Belonging | undefined, cameFrom: SessionKey | undefined): string {
  if (before !== undefined) return familyOf(before.signIn)
  if (cameFrom === undefined) return randomBytes(12).toString('base64url')
  return hash('sha256', `family ${cameFrom}`, 'base64url').slice(0, 16)
}

export function signInText(of: OwnSignIn): string {
  return JSON.stringify(of)
}

/** What a record says of its sign-in; `undefined`: nobody has signed in, or what it says is damaged. */
export function signInOf(values: SessionRecord['values']): OwnSignIn | undefined {
  const text = values.get(reservedKeys.signIn)
  if (text === undefined) return undefined
  try {
    const { signIn, authenticatedAt, application, app } = JSON.parse(text)
    return typeof signIn === 'string' ? { signIn, authenticatedAt, application, app } : undefined
  } catch {
    return undefined
  }
}

/** What a record says of its sign-in, and of whom. */
export interface OfOwner extends OwnSignIn {
  readonly owner: string
}

/** `undefined`: the record is nobody's. */
export function ofOwner({ owner, values }: SessionRecord): OfOwner | undefined {
  const own = owner === undefined ? undefined : signInOf(values)
  return own && { ...own, owner: owner! }
}

/** The same, but for what is of the sign-in alone. */
export function belongingOf(record: SessionRecord): Belonging | undefined {
  const of = ofOwner(record)
  return of && { owner: of.owner, signIn: of.signIn }
}
