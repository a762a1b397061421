import type { SessionKey } from '../../contract/key.ts'
import type { NewRecord } from '../../contract/record.ts'
import { type Steps, settled } from '../../contract/wait.ts'
import { StoreUnavailableError } from '../../errors.ts'
import { claim, isUnborn } from './claim.ts'
import type { Damage } from './damage.ts'
import { shardOf } from './directory.ts'
import { type ExpiryParts, endExpired } from './expire.ts'
import type { Journal } from './journal/journal.ts'
import { baseLine } from './journal/write.ts'
import { type DurableParts, makeDurable } from './make-durable.ts'
import type { OpenJournal, OpenJournals } from './open-journals.ts'
import { isOrphan } from './unlink.ts'

/** How often a name is tried that was lost to another creator, or that somebody is about to remove. */
const MOST_TRIES = 20

/** Of these, those that wait for no more than the events that are due. */
const QUICK_TRIES = 10

/** What a creation works with. */
export interface CreateParts extends DurableParts, ExpiryParts {
  readonly damage: Damage
}

/** Creates a session's file with its base line. `false`: the key is taken. */
export function* createSession(parts: CreateParts, key: SessionKey, record: NewRecord): Steps<boolean> {
  const { journals, durability } = parts
  const journal = yield* takeName(parts, key)
  if (!journal) return false
  try {
    // Asleep for a while, this process was taken for dead, and the file for an orphan: take another key.
    if (!journal.begin(baseLine(key, record))) {
      void journal.evict()
      return false
    }
    journal.hintExpiry(record.expiresAt)
  } catch (error) {
    giveUp(parts, key, journal)
    throw error
  }
  const opened = journals.keep(key, journal)
  yield* makeDurable(parts, opened)
  if (durability.isPromised) yield* settled(durability.syncNameOf(shardOf(key)))
  return true
}

/** A file under a name that no session has. `undefined`: one has it. */
function* takeName(parts: CreateParts, key: SessionKey): Steps<Journal | undefined> {
  for (let tries = 0; ; tries++) {
    const journal = parts.names.create(key)
    if (journal || tries === MOST_TRIES || !(yield* isFreed(parts, key, tries))) return journal
  }
}

/**
 * Whether what has the name is no session and never will be one, and was removed; or has changed, and is to be looked at
 * again. A damaged file stays, for somebody to look at.
 */
function* isFreed(parts: CreateParts, key: SessionKey, tries: number): Steps<boolean> {
  const { names, journals, damage, clock, succession } = parts
  const opened = lookUp(journals, key)
  if (!opened) return opened === undefined
  const { journal } = opened
  if (journal.record) {
    if (journal.record.expiresAt > clock.now()) return false
    if (journal.state.phase !== 'sealed') return endExpired(parts, opened) === undefined
    yield* succession.wait(opened)
    return true
  }
  try {
    damage.note(opened)
    if (isUnborn(journal)) claim(parts, opened)
    else if (journal.state.phase !== 'ended') return false
    else if (isOrphan(clock, journal.status())) names.unlinkIfItsOwn(opened)
    // Who has ended it removes it with their next call, or has died.
    else yield* settled(clock.pause(Math.max(0, tries - QUICK_TRIES)))
    return true
  } finally {
    journals.drop(opened)
  }
}

/** `false`: something that is no file of this store. */
function lookUp(journals: OpenJournals, key: SessionKey): OpenJournal | undefined | false {
  try {
    return journals.current(key)
  } catch (error) {
    if (error instanceof StoreUnavailableError) return false
    throw error
  }
}

/** After a first line that failed: perhaps it stands, or another creator has claimed the file. */
function giveUp(parts: CreateParts, key: SessionKey, journal: Journal): void {
  const { names, nextLineId } = parts
  const file = { key, path: names.pathOf(key), journal }
  try {
    claim(parts, file)
    if (journal.append({ kind: 'end', id: nextLineId() }).fate === 'applied') names.unlink(file)
  } catch {
    // Without space for an end, nobody else has had some for a claim.
    names.unlinkIfItsOwn(file)
  } finally {
    void journal.evict()
  }
}
