import { type Steps, settled } from '../contract/wait.ts'
import { familyOf } from './belonging.ts'
import { endInvalid } from './end.ts'
import { ownerKey } from './keys.ts'
import { ending, OwnerRecord } from './record.ts'
import type { Registry } from './registry.ts'
import { inSlices } from './slices.ts'

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

/** Those of which a session lives. One that got another id meanwhile has it in the record by now. */
function* livingOf(
  { store, app }: Registry,
  owner: string,
  record: OwnerRecord,
  families: readonly string[],
): Steps<string[]> {
  const asked = new Set(families)
  const entries = record.entriesOf((signIn) => asked.has(familyOf(signIn)))
  const live = yield* inSlices(entries, ({ key }) => store.exists(key))
  const dead = new Set(entries.filter((_, index) => !live[index]).map(({ key }) => key))
  if (dead.size === 0) return [...families]
  const again = yield* settled(store.load(ownerKey(app, owner)))
  if (again === undefined) return [...families]
  const now = new OwnerRecord(again).entries.filter(({ key }) => !dead.has(key))
  const alive = new Set(now.map(({ signIn }) => familyOf(signIn)))
  return families.filter((family) => alive.has(family))
}
