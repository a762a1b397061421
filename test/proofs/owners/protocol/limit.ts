import { load, type Stored, save } from '../store.ts'
import { endLeftOver } from './end.ts'
import * as records from './records.ts'
import { ask, type Steps, together } from './steps.ts'

/**
 * In the code that ships: src/owners/limit.ts. The record, of which all that has ended is gone by now.
 * `undefined`: there is no room, and the sign-in is to be refused.
 */
export function* makeRoom(
  owner: string,
  record: Stored,
  signIn: string,
  { most, onMore }: { readonly most: number; readonly onMore: 'end-oldest' | 'refuse' },
): Steps<Stored | undefined> {
  const own = records.familyOf(signIn)
  let others = familiesOf(record).filter((family) => family !== own)
  if (others.length + 1 > most) others = yield* livingOf(owner, record, others)
  const over = others.length + 1 - most
  if (over <= 0) {
    yield* endLeftOver(record)
    return record
  }
  if (onMore === 'refuse') return undefined
  const first = others.slice(0, over)
  const ended = records.validOf(record).filter((each) => first.includes(records.familyOf(each.signIn)))
  const change = records.ending(
    ended.map((each) => each.signIn),
    'limit',
  )
  const result = yield* ask(save(records.ownerKey(owner), change))
  if (result.outcome !== 'saved') return record
  yield* endLeftOver(result.record)
  return result.record
}

/** Of valid sign-ins, by when the last of each was. */
function familiesOf(record: Stored): string[] {
  const ranks = new Map<string, number>()
  for (const { signIn, rank } of records.validOf(record)) {
    const family = records.familyOf(signIn)
    ranks.set(family, Math.max(rank, ranks.get(family) ?? 0))
  }
  return [...ranks].sort(([one, a], [other, b]) => a - b || (one < other ? -1 : 1)).map(([family]) => family)
}

/** Those of which a session lives. One that got another id meanwhile has it in the record by now. */
function* livingOf(owner: string, record: Stored, families: readonly string[]): Steps<string[]> {
  const entries = records.entriesOf(record).filter((each) => families.includes(records.familyOf(each.signIn)))
  const there = yield* together(...entries.map(({ key }) => load(key)))
  const dead = entries.filter((_, index) => there[index] === undefined).map(({ key }) => key)
  if (dead.length === 0) return [...families]
  const again = yield* ask(load(records.ownerKey(owner)))
  if (again === undefined) return [...families]
  const living = records.entriesOf(again).filter(({ key }) => !dead.includes(key))
  return families.filter((family) => living.some((each) => records.familyOf(each.signIn) === family))
}
