import { dirname, isAbsolute, resolve } from 'node:path'
import { StoreConfigError } from '../../errors.ts'
import { isOnlyOurs, refuseForeign, refuseOthers } from './contents.ts'
import { isDraftName, isShardName, ORPHAN_MS } from './directory.ts'
import type { FileStoreEvent } from './events.ts'
import { doubtsAbout } from './file-systems.ts'
import type { Files } from './files.ts'
import type { Ground } from './ground.ts'
import { pathOf } from './location.ts'
import { hasManifest, probe, type Start, writeManifest } from './manifest.ts'
import { refuseUnsafe, unsafeAncestors } from './rights.ts'
import type { ReadyDirectory } from './root.ts'
import { isMissing, isTaken, storeUnusable } from './system-error.ts'

/**
 * Makes a directory ready, or says why it can't be: created with its parents if it is missing, resolved once, ours and
 * nobody else's to write, shards included, on a file system whose appends are atomic, with a manifest of a format that is
 * known. With `durability: 'disk'` everything that leads to it, and its manifest, survives power loss from then on.
 *
 * A process may be killed anywhere in here, and others may be at it at the same time: whatever that leaves, a later
 * start goes on with.
 *
 * @param given its path or URL, as the application has it
 * @param tell is told of what is no reason not to start, and that somebody should know
 */
export function prepareDirectory(
  given: unknown,
  start: Start,
  tell: (event: FileStoreEvent) => void,
): ReadyDirectory {
  const { files, ground, durable } = start
  const directory = pathOf(given)
  // Of one that is relative the working directory may be gone.
  const wanted = tryTo(directory, 'find it', () => resolve(directory))
  const { root, isNew } = tryTo(wanted, 'create it', () => makeDirectory(start, wanted))
  const { dev, ino, ...status } = tryTo(root, 'look at it', () => files.pathStatus(root))
  refuseUnsafe(root, status, root, () => isOnlyOurs(ground, root))
  lookAtSurroundings(start, { wanted, root }, tell)
  // Before the look for the manifest: once there is one, others put sessions beside it, and nothing was removed.
  const names = tryTo(root, 'list it', () => ground.listNow(root))
  for (const name of names) tryTo(root, 'look at what is in it', () => refuseOthers(files, root, name))
  if (!hasManifest(start, root)) {
    tryTo(root, 'list it', () => refuseForeign(ground, root, names))
    tryTo(root, 'write its manifest', () => writeManifest(start, root))
    if (names.some(isShardName)) tell({ type: 'manifest-restored', directory: root })
  }
  // At every start: another process may have made them, and died before it could sync.
  if (durable) tryTo(root, 'sync it and its parents', () => syncWithParents(ground, root))
  tryTo(root, 'write to it', () => probe(start, root))
  for (const name of names) if (isDraftName(name)) removeIfLeft(start, `${root}/${name}`)
  if (isNew && !isAbsolute(directory)) {
    hideFromGit(files, root)
    tell({ type: 'new-directory', directory: root, given: directory })
  }
  return { path: root, dev, ino }
}

/** What the system throws in a step of a start becomes one error, which says what could not be done. */
function tryTo<T>(directory: string, doing: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw storeUnusable(error, doing, directory)
  }
}

/** The real path of a directory, which is made if it is missing. Of one that is there no parent need be readable. */
function makeDirectory({ files, ground }: Start, path: string): { root: string; isNew: boolean } {
  try {
    return { root: ground.realPath(path), isNew: false }
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  const isNew = makeWithParents(files, path)
  return { root: ground.realPath(path), isNew }
}

/** Not `recursive: true` of mkdir, which goes round for ever where a directory can't be made (Node 20, /proc). */
function makeWithParents(files: Files, path: string): boolean {
  try {
    return makeUnlessTaken(files, path)
  } catch (error) {
    if (!isMissing(error) || dirname(path) === path) throw error
  }
  makeWithParents(files, dirname(path))
  return makeUnlessTaken(files, path)
}

/** `false`: another process was quicker. */
function makeUnlessTaken(files: Files, path: string): boolean {
  try {
    files.makeDirectory(path)
    return true
  } catch (error) {
    if (!isTaken(error)) throw error
    return false
  }
}

/** What can't be mended from here, and can break what is promised: the file system, and the way to the directory. */
function lookAtSurroundings(
  { ground, durable }: Start,
  { wanted, root }: { wanted: string; root: string },
  tell: (event: FileStoreEvent) => void,
): void {
  const fileSystem = tryTo(root, 'ask for its file system', () => ground.fileSystem(root))
  const message = fileSystem && doubtsAbout(root, fileSystem, durable)
  if (message !== undefined) {
    if (fileSystem!.support === 'refused') throw new StoreConfigError(message)
    tell({ type: 'doubtful-file-system', message })
  }
  for (const { path, meaning, advice } of unsafeAncestors(root, ground.ancestors(wanted))) {
    tell({ type: 'unsafe-ancestor', path, message: `${meaning} ${advice}` })
  }
}

/** Before a session is created, so that power loss can leave none in a directory without a name or a manifest. */
function syncWithParents(ground: Ground, root: string): void {
  ground.syncDirectoryNow(root)
  for (let path = root; path !== dirname(path); path = dirname(path)) {
    try {
      ground.syncDirectoryNow(dirname(path))
    } catch (error) {
      if (!CAN_NOT_BE_SYNCED.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
}

/** A parent that we may not read, or on a file system that has nothing to sync, is other people's to see to. */
const CAN_NOT_BE_SYNCED = new Set(['EACCES', 'EPERM', 'EINVAL'])

/** A draft that is old was left by a start that was killed. One that can't be removed is in nobody's way. */
function removeIfLeft({ files, clock }: Start, path: string): void {
  try {
    if (clock.now() - files.pathStatus(path).mtimeMs > ORPHAN_MS) files.unlink(path)
  } catch {
    // A later start tries again.
  }
}

/** One that is made in a working directory is made in somebody's project, and no session belongs into its history. */
function hideFromGit(files: Files, root: string): void {
  try {
    const fd = files.create(`${root}/.gitignore`)
    try {
      files.append(fd, Buffer.from('*\n'))
    } finally {
      files.close(fd)
    }
  } catch {
    // It is there already, or the sessions do without it.
  }
}
