import { join } from 'node:path'
import { StoreConfigError } from '../../errors.ts'
import { isForeignInShard, isForeignName, isManifestName, isShardName } from './directory.ts'
import type { FileStatus, Files } from './files.ts'
import { labelOf } from './findings.ts'
import type { Ground } from './ground.ts'
import { wrongOwner, wrongRights } from './rights.ts'
import { isMissing } from './system-error.ts'

/**
 * What is in the directory and would be refused to the first request that comes to it, shard by shard: a backup that
 * another user has restored, or rights that a volume was given.
 */
export function refuseOthers(files: Files, root: string, name: string): void {
  if (!isShardName(name) && !isManifestName(name)) return
  const path = `${root}/${name}`
  let status: FileStatus
  try {
    status = files.pathStatus(path)
  } catch (error) {
    if (isMissing(error)) return // removed since it was listed
    throw error
  }
  const wrong = isShardName(name) ? wrongRights(path, status, root) : wrongOwner(path, status, root)
  if (wrong) throw new StoreConfigError(`${wrong.meaning} ${wrong.advice}`)
}

/** Whether a directory of another user may be a session directory, or one that is still empty. */
export function isOnlyOurs(ground: Ground, root: string): boolean {
  try {
    return !ground.listNow(root).some(isForeignName)
  } catch {
    return true // nobody but its owner can tell
  }
}

/** Without a manifest only what nobody but untorn makes says that it is a session directory, which a cleaner has been in. */
export function refuseForeign(ground: Ground, root: string, names: readonly string[]): void {
  const foreign = names.find(isForeignName) ?? foreignBelow(ground, root, names.filter(isShardName))
  if (foreign === undefined) return
  throw new StoreConfigError(
    `"${root}" is not empty ("${labelOf(foreign)}" is in it) and has no untorn.json: it is not a session directory. ` +
      `Choose an empty or a new one, such as "${join(root, 'sessions')}"; or, if sessions are in it whose untorn.json was ` +
      'removed, move away what is not theirs.',
  )
}

function foreignBelow(ground: Ground, root: string, shards: readonly string[]): string | undefined {
  for (const shard of shards) {
    const found = namesIn(ground, `${root}/${shard}`).find(isForeignInShard)
    if (found !== undefined) return `${shard}/${found}`
  }
  return undefined
}

function namesIn(ground: Ground, path: string): string[] {
  try {
    return ground.listNow(path)
  } catch (error) {
    if (!isMissing(error)) throw error
    return []
  }
}
