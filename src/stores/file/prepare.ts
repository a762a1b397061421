import { dirname, resolve } from 'node:path'
import { StoreConfigError } from '../../errors.ts'
import { isDraftName, mayBeForeign, ORPHAN_MS, refuseUnsafe } from './directory.ts'
import type { FileSystem } from './file-systems.ts'
import type { Files } from './files.ts'
import type { Ground } from './ground.ts'
import { hasManifest, probe, type Start, writeManifest } from './manifest.ts'
import { isMissing, isTaken, storeUnusable } from './system-error.ts'

/**
 * Makes a directory ready, or says why it can't be: created with its parents if it is missing, resolved once, ours and
 * nobody else's to write, on a file system whose appends are atomic, with a manifest of a format that is known. With
 * `durability: 'disk'` everything that leads to it, and its manifest, survives power loss from then on.
 *
 * A process may be killed anywhere in here, and others may be at it at the same time: whatever that leaves, a later
 * start goes on with.
 *
 * @param warn is told of a file system that does not keep everything that is promised
 * @returns its real path
 */
export function prepareDirectory(directory: string, start: Start, warn: (message: string) => void): string {
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0')) {
    throw new StoreConfigError('The session directory must be a path. Leave it out for "./.sessions".')
  }
  const { files, ground, durable } = start
  // Of one that is relative the working directory may be gone.
  const wanted = tryTo(directory, 'find it', () => resolve(directory))
  const root = tryTo(wanted, 'create it', () => makeDirectory(start, wanted))
  refuseUnsafe(
    root,
    tryTo(root, 'look at it', () => files.pathStatus(root)),
  )
  const fileSystem = tryTo(root, 'ask for its file system', () => ground.fileSystem(root))
  const doubts = fileSystem && doubtsAbout(root, fileSystem, durable)
  if (doubts !== undefined) warn(doubts)
  // Before the look for the manifest: once there is one, others put sessions beside it, which are not foreign.
  const names = tryTo(root, 'list it', () => ground.listNow(root))
  if (!hasManifest(start, root)) {
    refuseForeign(root, names)
    tryTo(root, 'write its manifest', () => writeManifest(start, root))
  }
  // At every start: another process may have made them, and died before it could sync.
  if (durable) tryTo(root, 'sync it and its parents', () => syncWithParents(ground, root))
  tryTo(root, 'write to it', () => probe(start, root))
  for (const name of names) if (isDraftName(name)) removeIfLeft(start, `${root}/${name}`)
  return root
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
function makeDirectory({ files, ground }: Start, path: string): string {
  try {
    return ground.realPath(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  makeWithParents(files, path)
  return ground.realPath(path)
}

/** Not `recursive: true` of mkdir, which goes round for ever where a directory can't be made (Node 20, /proc). */
function makeWithParents(files: Files, path: string): void {
  try {
    makeUnlessTaken(files, path)
    return
  } catch (error) {
    if (!isMissing(error) || dirname(path) === path) throw error
  }
  makeWithParents(files, dirname(path))
  makeUnlessTaken(files, path)
}

/** Another process may be quicker. */
function makeUnlessTaken(files: Files, path: string): void {
  try {
    files.makeDirectory(path)
  } catch (error) {
    if (!isTaken(error)) throw error
  }
}

/** @returns what to warn of, if anything */
function doubtsAbout(root: string, { name, support }: FileSystem, durable: boolean): string | undefined {
  const where = `The session directory "${root}" is on ${name}`
  switch (support) {
    case 'refused':
      throw new StoreConfigError(
        `${where}, a network file system, where appends from two machines can overwrite each other. Use a directory ` +
          'on a local disk, or a store that serves several machines: untorn/redis or untorn/postgres.',
      )
    case 'doubtful':
      return `${where}. Sessions are safe there as long as one machine writes them; a local disk is the better place.`
    case 'no journal':
      return durable
        ? `${where}, so that durability: 'disk' can't be kept: after power loss the check of the file system may lose ` +
            "sessions, or bring some back. Use one with a journal (ext4, xfs, btrfs), or 'process', which promises less."
        : undefined
    case 'memory':
      return durable
        ? `${where}, which is memory, so that durability: 'disk' can't be kept: nothing in it survives power loss. ` +
            "Use a directory on a disk, or 'process', which promises less."
        : undefined
  }
}

function refuseForeign(root: string, names: readonly string[]): void {
  const foreign = names.find(mayBeForeign)
  if (foreign === undefined) return
  throw new StoreConfigError(
    `"${root}" is not empty ("${foreign}" is in it) and has no untorn.json: it is not a session directory. ` +
      'Choose an empty or a new one; or, if they are sessions whose untorn.json was removed, remove them too.',
  )
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
