import type { Entry, Update } from './entry.ts'
import { expiringText, untilOf } from './expiring.ts'
import type { Merge } from './merge.ts'
import type { Codec } from './serializer.ts'

/** How values become text, and which are merged: the same for every session of an application. */
export interface ValueRules {
  readonly codec: Codec
  readonly merges: ReadonlyMap<string, Merge<unknown>>
  /** What time it is by the store's clock. */
  now(): number
}

/** What became of one touched key when a change was worked out. */
export interface Outcome {
  readonly entry: Entry
  readonly changed: boolean
  /** The text that this request made of it. */
  readonly mine: string | undefined
  /** The text that it is to have: another one where a merge or an update met others' changes. */
  text: string | undefined
  /** How many updates are in it; one that is added while the save is under way is not. */
  readonly updates: number
}

/** A change of values, worked out against one version of the record. */
export interface Resolution {
  readonly set: ReadonlyMap<string, string>
  readonly delete: readonly string[]
  /** It holds for that version only: an update or a merge is in it. */
  readonly conditional: boolean
  readonly outcomes: ReadonlyMap<string, Outcome>
}

type Apply = (fn: Update, text: string | undefined) => string | undefined

/** Works out what each changed key is to be in a record, and what of it has to be sent. */
export function resolve(
  outcomes: Map<string, Outcome>,
  record: ReadonlyMap<string, string>,
  rules: ValueRules,
  applier: (key: string) => Apply,
): Resolution {
  const set = new Map<string, string>()
  const deleted: string[] = []
  let conditional = false
  for (const [key, outcome] of outcomes) {
    if (!outcome.changed) continue
    const theirs = record.get(key)
    const exact = isExact(key, outcome, rules)
    outcome.text = resolvedText(key, outcome, theirs, rules, applier)
    // A plain change is sent although the record looks like it: others may have changed it since.
    if (exact && rules.codec.same(key, outcome.text, theirs)) continue
    conditional ||= exact
    if (outcome.text === undefined) deleted.push(key)
    else set.set(key, outcome.text)
  }
  return { set, delete: deleted, conditional, outcomes }
}

/** Applies updates one after the other, each to a copy. */
export function applyAll(
  apply: Apply,
  updates: readonly Update[],
  text: string | undefined,
): string | undefined {
  let result = text
  for (const fn of updates) result = apply(fn, result)
  return result
}

/** Takes what was saved out of the entries, and leaves what was touched while the save was under way. */
export function settleEntries(
  entries: Map<string, Entry>,
  outcomes: ReadonlyMap<string, Outcome>,
  textNow: (key: string, entry: Entry) => string | undefined,
): void {
  for (const [key, outcome] of outcomes) {
    const entry = entries.get(key)
    if (entry === undefined) continue
    if (entry !== outcome.entry) {
      // Written again meanwhile: what was sent is what it now overwrites.
      if (outcome.changed) entry.base = outcome.text
    } else if (entry.kind === 'updated' && entry.updates.length > outcome.updates) {
      const updates = entry.updates.slice(outcome.updates)
      entries.set(key, { ...entry, base: outcome.text, from: null, updates })
    } else {
      const kept = keptOf(key, entry, outcome, textNow)
      if (kept === undefined) entries.delete(key)
      else entries.set(key, kept)
    }
  }
}

/** Whether what others wrote counts: updates that were not overwritten in place since, and keys with a merge. */
function isExact(key: string, { entry, mine }: Outcome, { merges }: ValueRules): boolean {
  return merges.has(key) || (entry.kind === 'updated' && mine === entry.text)
}

function resolvedText(
  key: string,
  { entry, mine }: Outcome,
  theirs: string | undefined,
  { codec, merges }: ValueRules,
  applier: (key: string) => Apply,
): string | undefined {
  if (entry.kind === 'updated' && mine === entry.text) {
    return theirs === entry.from ? mine : applyAll(applier(key), entry.updates, theirs)
  }
  const merge = merges.get(key)
  if (merge === undefined || theirs === entry.base) return mine
  const value = (text: string | undefined) => (text === undefined ? undefined : codec.parse(key, text))
  const merged = merge(value(entry.base), value(mine), value(theirs))
  // Where this request has deleted it, what is left of it is what the others have.
  return merged === undefined
    ? undefined
    : expiringText(codec.stringify(key, merged), untilOf(mine ?? theirs))
}

/** The entry to keep: only of an object, which the handler may hold and change. The rest is read from the record. */
function keptOf(
  key: string,
  entry: Entry,
  outcome: Outcome,
  textNow: (key: string, entry: Entry) => string | undefined,
): Entry | undefined {
  const { value, until } = entry
  if (typeof value !== 'object' || value === null) return undefined
  const base = outcome.changed ? outcome.text : entry.base
  if (outcome.text === outcome.mine) return { kind: 'read', value, until, text: outcome.mine, base }
  const text = textNow(key, entry)
  // Resolved to something else, which the handler sees from now on, unless it went on with its own.
  return text === outcome.mine
    ? undefined
    : { kind: 'written', value, until, text: outcome.mine, base: outcome.mine }
}
