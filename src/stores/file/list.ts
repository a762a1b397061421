import { isNoSession, type SessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import type { RecordsOptions } from '../../contract/store.ts'
import { StoreUnavailableError } from '../../errors.ts'
import { Slice } from '../slice.ts'
import type { Damage } from './damage.ts'
import { fileLabel } from './directory.ts'
import { isForeign } from './foreign.ts'
import { peek } from './load.ts'
import type { JournalNames } from './names.ts'
import type { Surroundings } from './surroundings.ts'

/** What a listing works with. */
export interface ListParts extends Pick<Surroundings, 'clock' | 'report'> {
  readonly names: JournalNames
  readonly damage: Damage
  /** Names of the directories that sessions may be in. */
  readonly shards: readonly string[]
}

/** Runs a step of a listing; what the system throws in it becomes one of untorn's errors. */
export type Guard = <T>(doing: string, step: () => T) => T

/**
 * The records of all sessions, or of `all` keys, one shard after another, in slices: who looks for a few of many gets
 * nothing for a long time, and requests want their turn. What is no journal of this store is told of, and passed over.
 */
export async function* listRecords(
  parts: ListParts,
  guard: Guard,
  { all = false, onUnreadable }: RecordsOptions,
): AsyncGenerator<[SessionKey, SessionRecord]> {
  const { names, shards, clock } = parts
  for (const shard of await guard('list sessions', () => names.shardsOf(shards))) {
    const keys = await guard('list sessions', () => keysIn(parts, shard, onUnreadable))
    const slice = new Slice(clock) // while the names were read, others had their turn
    for (const key of keys) {
      if (!all && isNoSession(key)) continue
      if (slice.isOver) await slice.next()
      const record = guard('read a session', () => peekOrTell(parts, key, onUnreadable))
      if (record) yield [key, record]
    }
  }
}

/** How many sessions there are, by the names of their files. */
export async function countKeys(parts: ListParts, guard: Guard): Promise<number> {
  const { names, shards } = parts
  let count = 0
  for (const shard of await guard('count sessions', () => names.shardsOf(shards))) {
    const keys = await guard('count sessions', () => keysIn(parts, shard))
    for (const key of keys) if (!isNoSession(key)) count++
  }
  return count
}

/** None of a shard that is no directory of this store. */
async function keysIn(
  { names, report }: ListParts,
  shard: string,
  onUnreadable?: RecordsOptions['onUnreadable'],
): Promise<SessionKey[]> {
  try {
    return await names.keys(shard)
  } catch (error) {
    if (!isForeign(error)) throw error
    report({ type: 'foreign-file', file: shard, error })
    onUnreadable?.(error as Error)
    return []
  }
}

function peekOrTell(
  parts: ListParts,
  key: SessionKey,
  onUnreadable: RecordsOptions['onUnreadable'],
): SessionRecord | undefined {
  const { names, report } = parts
  try {
    const { record, isVoid } = peek(parts, key)
    if (isVoid) onUnreadable?.(damaged(names.labelOf(key)))
    return record
  } catch (error) {
    if (!isForeign(error)) throw error
    report({ type: 'foreign-file', file: fileLabel(key), error })
    onUnreadable?.(error as Error)
    return undefined
  }
}

function damaged(path: string): StoreUnavailableError {
  return new StoreUnavailableError(
    `"${path}" does not begin with a whole record of its session: it is damaged, or somebody has renamed it. It counts as ` +
      'no session: put it back from a backup, or remove it.',
  )
}
