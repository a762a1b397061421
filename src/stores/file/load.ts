import type { SessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import type { Damage } from './damage.ts'
import { type ExpiryParts, endExpired } from './expire.ts'

/** What a load works with. */
export interface LoadParts extends ExpiryParts {
  readonly damage: Damage
}

/** The record of a session as the cache has it: whoever gives it away gives a copy. */
export function look(parts: LoadParts, key: SessionKey): SessionRecord | undefined {
  const { journals, damage, clock } = parts
  const opened = journals.current(key)
  if (!opened) return undefined
  const { journal } = opened
  const { record } = journal
  if (!record || journal.damagedLines > 0) damage.note(opened)
  if (!record) {
    journals.drop(opened)
    return undefined
  }
  return record.expiresAt > clock.now() ? record : endExpired(parts, opened)
}

/** What was seen of a session in passing. */
export interface Peeked {
  /** The caller's own, as nobody else has read it. */
  record: SessionRecord | undefined
  /** Its file is there, and can't be read as a session. */
  isVoid: boolean
}

/** Reads a session without taking it into the cache. */
export function peek(
  { names, damage, clock }: Pick<LoadParts, 'names' | 'damage' | 'clock'>,
  key: SessionKey,
): Peeked {
  const journal = names.open(key)
  if (!journal) return { record: undefined, isVoid: false }
  try {
    damage.note({ journal, key })
    const { record, isVoid } = journal
    const isLive = record !== undefined && record.expiresAt > clock.now()
    return { record: isLive ? record : undefined, isVoid }
  } finally {
    void journal.evict()
  }
}
