import { assertSessionKey, type SessionKey } from '../../record/key.ts'
import type { NewRecord } from '../../record/record.ts'
import { type Steps, settled } from '../../record/steps.ts'
import { makeDurable } from './commit.ts'
import type { StoreContext } from './context.ts'
import { shardOf } from './directory.ts'
import { hintExpiry } from './fold.ts'
import { Journal } from './journal/journal.ts'
import { baseLine } from './journal/write.ts'
import { isMissing, isTaken } from './system-error.ts'
import { unlinkIfThere } from './unlink.ts'

/** Creates a session's file with its base line. `false`: the key is taken. */
export function* createSession(context: StoreContext, key: SessionKey, record: NewRecord): Steps<boolean> {
  const { files, journals } = context
  const fd = createFile(context, key)
  if (fd === undefined) return false
  const journal = new Journal(files, fd)
  try {
    // Found asleep for a minute, this process was taken for dead, and the file for an orphan: take another key.
    if (!journal.begin(baseLine(record))) {
      journal.evict()
      return false
    }
    hintExpiry(context, fd, record.expiresAt)
  } catch (error) {
    journal.evict()
    unlinkIfThere(context, journals.pathOf(key))
    throw error
  }
  const opened = journals.keep(key, journal)
  yield* makeDurable(context, opened)
  if (context.durable) yield* settled(syncShard(context, shardOf(key)))
  return true
}

function createFile({ files, journals }: StoreContext, key: SessionKey): number | undefined {
  assertSessionKey(key)
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
