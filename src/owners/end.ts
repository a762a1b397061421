import type { SessionKey } from '../contract/key.ts'
import type { SaveResult } from '../contract/store.ts'
import { after, type Steps, settled, together } from '../contract/wait.ts'
import { type Belonging, familyOf } from './belonging.ts'
import { forget } from './enter.ts'
import { ownerKey } from './keys.ts'
import { raise } from './raise.ts'
import { type Entry, ending, endsOf, newEpoch, OwnerRecord, raised, signInName, validText } from './record.ts'
import type { EndedBecause, Registry } from './registry.ts'
import { inSlices, othersFirst } from './slices.ts'

/**
 * Ends a device: first its sign-ins, so that whatever is being stored for them finds out, then its sessions. `own`: what is
 * ended in any case, whatever the owner's record says. Which of these were there.
 */
export function* endFamily(
  registry: Registry,
  { owner, signIn }: Belonging,
  own: readonly SessionKey[],
  why: EndedBecause,
): Steps<boolean[]> {
  const { store, app, clock } = registry
  const family = familyOf(signIn)
  const at = clock.known
  const end = (signIns: readonly string[]) => store.save(ownerKey(app, owner), ending(signIns, why, at))
  const [first, ...wereThere] = yield* together([
    () => end([signIn]),
    ...own.map((key) => () => store.delete(key)),
  ])
  let record = recordOf(first)
  for (let more = record?.ofFamily(family); more?.length; more = record?.ofFamily(family)) {
    record = recordOf(yield* settled(end(more)))
  }
  const entries = record?.entriesOf((each) => familyOf(each) === family) ?? []
  yield* endSessions(
    registry,
    owner,
    entries.filter(({ key }) => !own.includes(key)),
    why,
  )
  forget(
    registry,
    owner,
    entries.map(({ name }) => name),
  )
  return wereThere
}

/** What a save has made of an owner's record; `undefined`: there is none. */
function recordOf(result: SaveResult): OwnerRecord | undefined {
  return result.outcome === 'saved' ? new OwnerRecord(result.record) : undefined
}

/**
 * Ends the sessions of entries, and tells of each that was there. Their entries go later: an entry whose session is still
 * there is what an end that was broken off is finished by.
 */
function* endSessions(
  registry: Registry,
  owner: string,
  entries: readonly Entry[],
  why: EndedBecause,
): Steps<void> {
  yield* inSlices(entries, ({ key }) =>
    after(registry.store.delete(key), (wasThere) => {
      if (wasThere) registry.ended(key, owner, why)
    }),
  )
}

/** Ends a device by its handle. `false`: the owner has none of that name. */
export function* endDevice(registry: Registry, owner: string, handle: string): Steps<boolean> {
  const { store, app } = registry
  const found = yield* settled(store.load(ownerKey(app, owner)))
  const [signIn] = found === undefined ? [] : new OwnerRecord(found).ofFamily(handle)
  if (signIn === undefined) return false
  yield* endFamily(registry, { owner, signIn }, [], 'device')
  return true
}

/** Ends every session that the owner has signed in to, one that is being signed in to included. */
export function* endAll(registry: Registry, owner: string): Steps<void> {
  const { app, clock, lifetime } = registry
  const now = yield* settled(clock.now())
  const record = yield* raise(registry, ownerKey(app, owner), newEpoch(now), now + lifetime)
  yield* endInvalid(registry, owner, new OwnerRecord(record), 'all')
}

/**
 * Ends every session of the owner's but those of one sign-in. `false`: that one is not valid itself, and nothing was ended.
 */
export function* endOthers(registry: Registry, { owner, signIn }: Belonging): Steps<boolean> {
  const { store, app, clock } = registry
  const key = ownerKey(app, owner)
  const epoch = newEpoch(yield* settled(clock.now()))
  let found = yield* settled(store.load(key))
  while (found !== undefined) {
    const own = new OwnerRecord(found).validOf(signIn)
    if (own === undefined) return false
    const set = raised(epoch).set(signInName(signIn), validText({ ...own, epoch: epoch.epoch }))
    const result = yield* settled(store.save(key, { set }, { ifVersion: found.version }))
    if (result.outcome === 'saved') {
      yield* endInvalid(registry, owner, new OwnerRecord(result.record), 'others')
      return true
    }
    found = result.outcome === 'conflict' ? result.record : undefined
  }
  return false
}

/**
 * Ends what is not valid any more, and then lets it be forgotten. `why` is told of all of it, also of what somebody else has
 * ended before and not brought to its end.
 */
export function* endInvalid(
  registry: Registry,
  owner: string,
  record: OwnerRecord,
  why: EndedBecause,
): Steps<void> {
  yield* othersFirst(record)
  const { clock } = registry
  const { leftOver } = record
  yield* endSessions(registry, owner, leftOver, why)
  const invalid = record.invalid.map(({ signIn }) => signIn)
  const { olderRaises } = record
  if (leftOver.length === 0 && invalid.length === 0 && olderRaises.length === 0) return
  const stand = new Set(record.valid.map(({ signIn }) => familyOf(signIn)))
  const ended = invalid.filter((signIn) => !stand.has(familyOf(signIn)))
  const set = endsOf(ended, why, clock.known)
  const names = [...invalid.map(signInName), ...leftOver.map(({ name }) => name), ...olderRaises]
  forget(registry, owner, names, set)
}
