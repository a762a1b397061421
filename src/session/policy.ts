import type { SessionStore } from '../contract/store.ts'
import type { Turns } from '../contract/turns.ts'
import type { IdCookie } from '../cookie/cookie.ts'
import type { Limit } from '../owners/limit.ts'
import type { Registry } from '../owners/registry.ts'
import type { ValueRules } from '../values/resolve.ts'
import type { Afterwards } from './afterwards.ts'
import type { Clock } from './clock.ts'
import type { Ends } from './ends.ts'
import type { SessionEvent } from './events.ts'
import type { Expiry } from './expiry.ts'
import type { Settings } from './settings.ts'

/** What every session of one application shares. */
export interface Policy {
  readonly settings: Settings
  readonly store: SessionStore
  /** What time it is: never this process' own, but for what it measures itself. */
  readonly clock: Clock
  /** Of conditional saves. */
  readonly turns: Turns
  /** What the keys of the store have in them besides ids, so that no other application knows them. */
  readonly app: string | undefined
  readonly cookie: IdCookie
  /** How values become text, and which are merged. */
  readonly rules: ValueRules
  readonly expiry: Expiry
  /** Who is told when one of them ends. */
  readonly ends: Ends
  /** Whose sessions are whose. */
  readonly registry: Registry
  /** What is done when nobody waits for it any more. */
  readonly afterwards: Afterwards
  /** On how many devices an owner may be signed in; `undefined`: on any number. */
  readonly limit: Limit | undefined
  /** What the application notes of a device that somebody signs in on. */
  readonly describe: ((request: unknown) => unknown) | undefined
  report(event: SessionEvent): void
  /** Says once how to fix that the cookie could not be sent. */
  warnWithheld(): void
  /** Says once how a session begins in a request that a page of another site has caused. */
  warnCrossSite(): void
  /** Says once that a cookie was sent as `SameSite=Lax` that was to be `None`. */
  warnWeakened(): void
}
