import type { SessionRecord } from '../contract/record.ts'
import { type Steps, settled, together } from '../contract/wait.ts'
import { reservedKeys } from '../values/data.ts'
import { familyOf } from './belonging.ts'
import { endInvalid } from './end.ts'
import { ownerKey } from './keys.ts'
import { ending, OwnerRecord } from './record.ts'
import type { Registry } from './registry.ts'

/** On how many devices an owner may be signed in. */
export interface Limit {
  readonly most: number
  /** What becomes of one more. */
  readonly onMore: 'end-oldest' | 'refuse'
}

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
  const over = others.length + 1 - most
  if (over <= 0) {
    // What was ended and has not come to its end is there still, perhaps.
    yield* endInvalid(registry, owner, record, 'limit')
    return true
  }
  if (onMore === 'refuse') return false
  const { store, app, clock } = registry
  const first = new Set(others.slice(0, over))
  const ended = record.valid.map((each) => each.signIn).filter((each) => first.has(familyOf(each)))
  const result = yield* settled(store.save(ownerKey(app, owner), ending(ended, 'limit', clock.known)))
  if (result.outcome === 'saved') yield* endInvalid(registry, owner, new OwnerRecord(result.record), 'limit')
  return true
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
  { store, app }: Registry,
  owner: string,
  record: OwnerRecord,
  families: readonly string[],
): Steps<string[]> {
  const entries = record.entriesOf((signIn) => families.includes(familyOf(signIn)))
  const records = yield* together(
    entries.map(
      ({ key }) =>
        () =>
          store.load(key),
    ),
  )
  const dead = new Set(entries.filter((_, index) => !isLive(records[index])).map(({ key }) => key))
  if (dead.size === 0) return [...families]
  const again = yield* settled(store.load(ownerKey(app, owner)))
  if (again === undefined) return [...families]
  const { entries: now } = new OwnerRecord(again)
  return families.filter((family) =>
    now.some(({ signIn, key }) => familyOf(signIn) === family && !dead.has(key)),
  )
}
