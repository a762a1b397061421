import { setImmediate as others } from 'node:timers/promises'
import type { SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { run, type Steps, settled, together } from '../contract/wait.ts'
import { allEndedSince, applicationEpoch } from './application.ts'
import type { OfOwner } from './belonging.ts'
import { applicationKey, ownerKey } from './keys.ts'
import { saveOrCreate } from './raise.ts'
import { type Entry, entered, entryName, FIRST_EPOCH, OwnerRecord, signInName } from './record.ts'
import type { Registry } from './registry.ts'
import { othersFirst } from './slices.ts'

/** What is known of an owner before they sign in. */
export interface Before {
  /** `undefined`: there is none yet. */
  readonly record: OwnerRecord | undefined
  /** When all of their sessions were ended last, or all of the application's; 0: never. */
  readonly revokedAt: number
  /** What the sign-in is entered under. */
  readonly epoch: string
  readonly application: string | null
}

/** The owner's record, and `all`, that of the application, loaded side by side. */
export function* loadBoth(
  { store, app }: Registry,
  owner: string,
): Steps<{ record: OwnerRecord | undefined; all: SessionRecord | undefined }> {
  const [found, all] = yield* together([
    () => store.load(ownerKey(app, owner)),
    () => store.load(applicationKey(app)),
  ])
  return { record: found && new OwnerRecord(found), all }
}

/** Looks at the owner, and at the application: what is raised from now on ends the sign-in. */
export function* lookBefore(registry: Registry, owner: string): Steps<Before> {
  const { record, all } = yield* loadBoth(registry, owner)
  if (record !== undefined) yield* othersFirst(record)
  const application = applicationEpoch(all)
  return {
    record,
    revokedAt: Math.max(record?.epoch.raisedAt ?? 0, application?.raisedAt ?? 0),
    epoch: record?.epoch.epoch ?? FIRST_EPOCH,
    application: application?.epoch ?? null,
  }
}

/** A session of a sign-in that is to be known. */
export interface Entering {
  readonly owner: string
  readonly signIn: string
  readonly key: SessionKey
  readonly about: unknown
}

/** The record once a session is entered; `undefined`: all that was before has been ended meanwhile, this with it. */
export function* enterSignIn(
  registry: Registry,
  entering: Entering,
  before: Before,
): Steps<OwnerRecord | undefined> {
  const { store, app, clock, lifetime } = registry
  const { signIn, key, about } = entering
  const { record, epoch, application } = before
  const now = clock.known
  const until = now + lifetime
  const at = { epoch, rank: record?.nextRank ?? 1, application, until }
  const of = about === undefined ? { signIn, ...at } : { signIn, ...at, about }
  const change = { set: entered(of, key), delete: record?.outdated(now) ?? [] }
  const times = { now, expiresAt: Math.max(until, record?.neededUntil ?? 0) }
  const saving = () =>
    saveOrCreate(
      registry,
      ownerKey(app, entering.owner),
      change,
      times,
      record === undefined ? 'create' : 'save',
    )
  const [saved, all] = yield* together([() => run(saving()), () => store.load(applicationKey(app))])
  const found = new OwnerRecord(saved, record)
  const isRevoked = found.epoch.epoch !== epoch || (applicationEpoch(all)?.epoch ?? null) !== application
  if (isRevoked) return undefined
  // Whoever else has entered something meanwhile may need it for longer.
  const isAlone = record !== undefined && found.isNextOf(record)
  if (!isAlone && !(yield* keepAsNeeded(registry, entering.owner, saved, found))) return undefined
  return found
}

/**
 * Who signs in by options with a shorter lifetime, to the same store, must not make the record go before the sessions of
 * others: nobody could end them any more. `false`: it is gone.
 */
function* keepAsNeeded(
  { store, app }: Registry,
  owner: string,
  { expiresAt }: SessionRecord,
  { neededUntil }: OwnerRecord,
): Steps<boolean> {
  if (expiresAt >= neededUntil) return true
  const result = yield* settled(store.save(ownerKey(app, owner), { expiresAt: neededUntil }))
  return result.outcome === 'saved'
}

/** Takes back what was entered, once the session is gone. Nobody has to wait for it. */
export function withdraw(registry: Registry, { owner, signIn, key }: Entering): void {
  forget(registry, owner, [signInName(signIn), entryName(signIn, key)])
}

/** Names that one save takes out: a server takes the longer for it the more there are, and has a deadline. */
const AT_ONCE = 1000

/** Takes values out of an owner's record that tell of nothing any more. `set`: what is kept in their place. */
export function forget(
  registry: Registry,
  owner: string,
  names: readonly string[],
  set?: ReadonlyMap<string, string>,
): void {
  if (names.length === 0) return
  const { store, app, later } = registry
  later(function* () {
    const key = ownerKey(app, owner)
    for (let from = 0; from < names.length; from += AT_ONCE) {
      if (from > 0) yield* settled(others())
      const change = { delete: names.slice(from, from + AT_ONCE) }
      yield* settled(store.save(key, from === 0 && set ? { ...change, set } : change))
    }
  })
}

/**
 * Enters a session that takes another one's place, by the same sign-in. The record that comes of it; `undefined`: the sign-in
 * is not valid any more.
 */
export function* enterNext(
  registry: Registry,
  { owner, signIn, application }: OfOwner,
  key: SessionKey,
): Steps<OwnerRecord | undefined> {
  const { store, app } = registry
  // The new one lives for no longer than the old one could: the record is kept for as long already.
  const change = { set: new Map([[entryName(signIn, key), '1']]) }
  const [saved, all] = yield* together([
    () => store.save(ownerKey(app, owner), change),
    () => store.load(applicationKey(app)),
  ])
  if (saved.outcome !== 'saved') return undefined
  const record = new OwnerRecord(saved.record)
  const isRevoked = !record.isValid(signIn) || allEndedSince(all, application)
  return isRevoked ? undefined : record
}

/** Of a sign-in: the sessions that others than this one were stored under, which nobody reaches any more. */
export function othersOf(record: OwnerRecord, signIn: string, key: SessionKey): Entry[] {
  return record.entriesOf((each) => each === signIn).filter((entry) => entry.key !== key)
}
