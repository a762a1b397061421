import type { SessionKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { type Steps, settled } from '../contract/wait.ts'
import { reservedKeys } from '../values/data.ts'
import { familyOf } from './belonging.ts'
import { endInvalid } from './end.ts'
import { forget } from './enter.ts'
import { ownerKey } from './keys.ts'
import { endsOf, OwnerRecord, type SignIn, signInName } from './record.ts'
import type { Registry } from './registry.ts'
import { inSlices, othersFirst } from './slices.ts'

/** On how many devices an owner may be signed in. */
export interface Limit {
  readonly most: number
  /** What becomes of one more. */
  readonly onMore: 'end-oldest' | 'refuse'
}

/**
 * Of one family. A browser has one cookie, whichever of its clicks was answered last; more of them are of people who pass an
 * id on, so that all of them count as one device.
 */
const MOST_OF_A_FAMILY = 5

/**
 * Makes room for a sign-in that is entered, by ending those that came first. `false`: there is none, and it is to be refused.
 * Its own family is no other device. A device whose sessions have all expired or ended is none.
 */
export function* makeRoom(
  registry: Registry,
  owner: string,
  entered: { readonly record: OwnerRecord; readonly signIn: string },
  { most, onMore }: Limit,
): Steps<boolean> {
  const { record, signIn } = entered
  const own = familyOf(signIn)
  let others = familiesOf(record).filter((family) => family !== own)
  if (others.length + 1 > most) others = yield* livingOf(registry, owner, record, others)
  const over = Math.max(0, others.length + 1 - most)
  const crowd = crowdOf(record, signIn)
  if (over === 0 && crowd.length === 0) {
    // What was ended and has not come to its end is there still, perhaps.
    yield* endInvalid(registry, owner, record, 'limit')
    return true
  }
  if (over > 0 && onMore === 'refuse') return false
  const { store, app, clock } = registry
  const first = new Set(others.slice(0, over))
  const ended = record.valid.map((each) => each.signIn).filter((each) => first.has(familyOf(each)))
  const names = [...ended, ...crowd].map(signInName)
  const change = { set: endsOf(ended, 'limit', clock.known), delete: names }
  const result = yield* settled(store.save(ownerKey(app, owner), change))
  if (result.outcome === 'saved') yield* endInvalid(registry, owner, new OwnerRecord(result.record), 'limit')
  return true
}

/** Those of a sign-in's own family that are too many, the first ones. */
function crowdOf(record: OwnerRecord, signIn: string): string[] {
  const family = familyOf(signIn)
  const isOther = (each: SignIn) => each.signIn !== signIn && familyOf(each.signIn) === family
  const others = record.valid.filter(isOther).sort((a, b) => b.rank - a.rank)
  return others.slice(MOST_OF_A_FAMILY - 1).map((each) => each.signIn)
}

/** More sign-ins than these are looked through for those whose sessions have expired. */
const MANY = 50
/** By each sign-in, any of them: in time all have their turn. */
const LOOKED_AT = 10

/** Lets some of what has expired be forgotten, so that the record of who signs in again and again stays small. */
export function* forgetExpired(registry: Registry, owner: string, record: OwnerRecord): Steps<void> {
  yield* othersFirst(record)
  const families = [...new Set(record.valid.map(({ signIn }) => familyOf(signIn)))]
  if (families.length <= MANY) return
  const first = Math.floor(Math.random() * (families.length - LOOKED_AT))
  yield* livingOf(registry, owner, record, families.slice(first, first + LOOKED_AT))
}

/** Of valid sign-ins, by when the last of each was. */
function familiesOf({ valid }: OwnerRecord): string[] {
  const ranks = new Map<string, number>()
  for (const { signIn, rank } of valid) {
    const family = familyOf(signIn)
    ranks.set(family, Math.max(rank, ranks.get(family) ?? 0))
  }
  return [...ranks].sort(([one, a], [other, b]) => a - b || (one < other ? -1 : 1)).map(([family]) => family)
}

/** One that has left its record is none there: whoever has signed in as somebody else since is no device of this owner's. */
function isLive(record: SessionRecord | undefined): boolean {
  return record !== undefined && !record.values.has(reservedKeys.moved)
}

/** Those of which a session lives. One that got another id meanwhile has it in the record by now. */
function* livingOf(
  registry: Registry,
  owner: string,
  record: OwnerRecord,
  families: readonly string[],
): Steps<string[]> {
  const { store, app } = registry
  const looked = new Set(families)
  const entries = record.entriesOf((signIn) => looked.has(familyOf(signIn)))
  const records = yield* inSlices(entries, ({ key }) => store.load(key))
  const dead = new Set(entries.filter((_, index) => !isLive(records[index])).map(({ key }) => key))
  if (dead.size === 0) return [...families]
  const again = yield* settled(store.load(ownerKey(app, owner)))
  if (again === undefined) return [...families]
  const now = new OwnerRecord(again, record)
  const familiesWith = (isMeant: (key: SessionKey) => boolean) =>
    new Set(now.entries.filter(({ key }) => isMeant(key)).map(({ signIn }) => familyOf(signIn)))
  const living = familiesWith((key) => !dead.has(key))
  // A move that was marked may be taken back: only what is not there at all is forgotten.
  const gone = new Set(entries.filter((_, index) => records[index] === undefined).map(({ key }) => key))
  const there = familiesWith((key) => !gone.has(key))
  const isOver = (signIn: string) => looked.has(familyOf(signIn)) && !there.has(familyOf(signIn))
  const signIns = now.signIns.map(({ signIn }) => signIn).filter(isOver)
  forget(registry, owner, [...signIns.map(signInName), ...now.entriesOf(isOver).map(({ name }) => name)])
  return families.filter((family) => living.has(family))
}
