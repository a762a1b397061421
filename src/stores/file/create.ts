import type { SessionKey } from '../../contract/key.ts'
import type { NewRecord } from '../../contract/record.ts'
import { type Steps, settled } from '../../contract/wait.ts'
import { StoreUnavailableError } from '../../errors.ts'
import { claim, isUnborn } from './claim.ts'
import { makeDurable, noteDamage } from './commit.ts'
import type { StoreContext } from './context.ts'
import { shardOf } from './directory.ts'
import { endExpired } from './expire.ts'
import { hintExpiry } from './fold.ts'
import { Journal } from './journal/journal.ts'
import { baseLine } from './journal/write.ts'
import type { OpenJournal } from './open-journals.ts'
import { awaitSuccessor } from './succession.ts'
import { isMissing, isTaken } from './system-error.ts'
import { isOrphan, unlinkIfThere } from './unlink.ts'

/** How often a name that was made free is lost to another creator before the key counts as taken. */
const MOST_TRIES = 10

/** Creates a session's file with its base line. `false`: the key is taken. */
export function* createSession(context: StoreContext, key: SessionKey, record: NewRecord): Steps<boolean> {
  const { files, journals } = context
  const fd = yield* takeName(context, key)
  if (fd === undefined) return false
  const journal = new Journal(files, fd)
  try {
    // Asleep for a while, this process was taken for dead, and the file for an orphan: take another key.
    if (!journal.begin(baseLine(record))) {
      void journal.evict()
      return false
    }
    hintExpiry(context, fd, record.expiresAt)
  } catch (error) {
    giveUp(context, key, journal)
    throw error
  }
  const opened = journals.keep(key, journal)
  yield* makeDurable(context, opened)
  if (context.durable) yield* settled(syncShard(context, shardOf(key)))
  return true
}

/** A file under a name that no session has. `undefined`: one has it. */
function* takeName(context: StoreContext, key: SessionKey): Steps<number | undefined> {
  for (let tries = 0; ; tries++) {
    const fd = createFile(context, key)
    if (fd !== undefined || tries === MOST_TRIES || !(yield* isNoSession(context, key))) return fd
  }
}

/**
 * Whether what has the name is no session and never will be one, and was removed; or has changed, and is to be looked at
 * again. A damaged file stays, for somebody to look at.
 */
function* isNoSession(context: StoreContext, key: SessionKey): Steps<boolean> {
  const { journals, files, clock } = context
  const opened = found(context, key)
  if (!opened) return opened === undefined
  const { journal, path } = opened
  if (journal.record) {
    if (journal.record.expiresAt > clock.now()) return false
    if (journal.state.phase !== 'sealed') return endExpired(context, opened) === undefined
    yield* awaitSuccessor(context, opened)
    return true
  }
  try {
    noteDamage(context, opened)
    if (isUnborn(journal)) claim(context, journal, path)
    else if (journal.state.phase !== 'ended' || !isOrphan(context, files.status(journal.fd))) return false
    else if (journals.hasItsName(opened)) unlinkIfThere(context, path)
    return true
  } finally {
    journals.drop(opened)
  }
}

/** `false`: something that is no file of this store. */
function found({ journals }: StoreContext, key: SessionKey): OpenJournal | undefined | false {
  try {
    return journals.current(key)
  } catch (error) {
    if (error instanceof StoreUnavailableError) return false
    throw error
  }
}

/** After a first line that failed: perhaps it stands, or another creator has claimed the file. */
function giveUp(context: StoreContext, key: SessionKey, journal: Journal): void {
  const { journals } = context
  const path = journals.pathOf(key)
  try {
    claim(context, journal, path)
    if (journal.append({ kind: 'end', id: context.nextLineId() }).fate === 'applied')
      unlinkIfThere(context, path)
  } catch {
    // Without space for an end, nobody else has had some for a claim.
    if (journals.hasItsName({ key, path, journal })) unlinkIfThere(context, path)
  } finally {
    void journal.evict()
  }
}

function createFile({ files, journals }: StoreContext, key: SessionKey): number | undefined {
  const path = journals.pathOf(key)
  journals.checkShard(shardOf(key))
  const create = (): number => journals.withDescriptors(() => files.create(path))
  try {
    try {
      return create()
    } catch (error) {
      if (!isMissing(error)) throw error
      journals.makeShard(shardOf(key))
      return create()
    }
  } catch (error) {
    if (isTaken(error)) return undefined
    throw error
  }
}

/** The shard's own entry, once for each shard: whoever made it may have died before it was synced. */
function syncShard({ journals, root, shardsSynced }: StoreContext, shard: string): Promise<void> {
  const synced = shardsSynced.get(shard)
  if (synced) return synced
  const syncing = journals.syncDirectory(root)
  shardsSynced.set(shard, syncing)
  syncing.catch(() => shardsSynced.delete(shard))
  return syncing
}
