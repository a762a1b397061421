import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  type Stats,
  statfsSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { StoreConfigError } from '../../errors.ts'
import type { SessionKey } from '../../record/key.ts'
import { fileSystemOf } from './file-systems.ts'
import type { Chance } from './files.ts'
import { FORMAT } from './journal/line.ts'
import { isMissing, isTaken, storeUnusable } from './system-error.ts'

const MANIFEST = 'untorn.json'

/** What a directory may hold and still count as empty: it is there for version control, a mount or a file browser. */
const IGNORED = new Set(['.gitignore', '.gitkeep', '.DS_Store', 'lost+found'])

/** Shard names: the first two hex digits of a key. */
export const SHARDS: readonly string[] = Array.from({ length: 256 }, (_, n) =>
  n.toString(16).padStart(2, '0'),
)

export function manifestOf(root: string): string {
  return join(root, MANIFEST)
}

/** Where a session's journal is, below the store's directory. */
export function shardOf(key: SessionKey): string {
  return key.slice(0, 2)
}

export function fileNameOf(key: SessionKey): string {
  return key.slice(2)
}

/** A name that nobody can guess for a file that a fold will rename. */
export function temporaryName(chance: Chance): string {
  return `new-${chance.bytes(12).toString('hex')}`
}

export const isTemporaryName = (name: string): boolean => /^new-[0-9a-f]{24}$/.test(name)
export const isJournalName = (name: string): boolean => /^[0-9a-f]{62}$/.test(name)

/**
 * Makes a directory ready, or says why it can't be: created with its parents if it is missing, resolved once, ours and
 * nobody else's to write, on a file system whose appends are atomic, with a manifest of a format that is known.
 * @param durable everything that leads to it, and its manifest, is to survive power loss
 * @returns its real path
 */
export function prepareDirectory(
  directory: string,
  durable: boolean,
  warn: (message: string) => void,
): string {
  if (typeof directory !== 'string' || directory === '' || directory.includes('\0')) {
    throw new StoreConfigError('The session directory must be a path. Leave it out for "./.sessions".')
  }
  const wanted = resolve(directory)
  const root = usable(wanted, 'create it', () => {
    makeWithParents(wanted)
    return realpathSync(wanted)
  })
  refuseUnsafe(
    root,
    usable(root, 'look at it', () => statSync(root)),
  )
  checkFileSystem(root, warn)
  if (!hasManifest(root)) {
    refuseForeign(root)
    usable(root, 'write its manifest', () => writeManifest(root))
  }
  // At every start: another process may have made them, and died before it could sync.
  if (durable) usable(root, 'sync it and its parents', () => syncWithParents(root))
  usable(root, 'write to it', () => probe(root))
  return root
}

/** Not `recursive: true` of mkdir, which goes round for ever where a directory can't be made (Node 20, /proc). */
function makeWithParents(path: string): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeWithParents(parent)
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (!isTaken(error)) throw error // another process was quicker
  }
}

/** Before a session is created, so that power loss can leave none in a directory without a name or a manifest. */
function syncWithParents(root: string): void {
  syncEntries(root)
  for (let path = root; path !== dirname(path); path = dirname(path)) {
    try {
      syncEntries(dirname(path))
    } catch (error) {
      if (!CAN_NOT_BE_SYNCED.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
}

/** A parent that we may not read, or on a file system that has nothing to sync, is other people's to see to. */
const CAN_NOT_BE_SYNCED = new Set(['EACCES', 'EPERM', 'EINVAL'])

function syncEntries(directory: string): void {
  const fd = openSync(directory, constants.O_RDONLY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function usable<T>(directory: string, doing: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw storeUnusable(error, doing, directory)
  }
}

/** Sessions must not be in a directory where others could plant or replace files. */
export function refuseUnsafe(path: string, status: Pick<Stats, 'uid' | 'mode'>): void {
  if ((status.mode & constants.S_IFMT) !== constants.S_IFDIR) {
    throw new StoreConfigError(`"${path}" is not a directory. Choose another path, or move it away.`)
  }
  const us = process.geteuid?.()
  if (us !== undefined && status.uid !== us) {
    throw new StoreConfigError(
      `The session directory "${path}" belongs to user ${status.uid}, and this process runs as ${us}. ` +
        `Run it as that user, choose another directory, or change the owner: chown ${us} "${path}".`,
    )
  }
  if ((status.mode & 0o022) !== 0) {
    throw new StoreConfigError(
      `Others may write to the session directory "${path}", and could plant sessions. ` +
        `Take that right away: chmod go-w "${path}".`,
    )
  }
}

function checkFileSystem(root: string, warn: (message: string) => void): void {
  const found = fileSystemOf(usable(root, 'ask for its file system', () => statfsSync(root).type))
  if (found?.support === 'refused') {
    throw new StoreConfigError(
      `The session directory "${root}" is on ${found.name}, a network file system, where appends from two machines ` +
        'can overwrite each other. Use a directory on a local disk, or a store that serves several machines: ' +
        'untorn/redis or untorn/postgres.',
    )
  }
  if (found?.support === 'doubtful') {
    warn(
      `The session directory "${root}" is on ${found.name}. Sessions are safe there as long as one machine writes ` +
        'them; a local disk is the better place.',
    )
  }
}

function hasManifest(root: string): boolean {
  const path = join(root, MANIFEST)
  let text: string
  try {
    if (!lstatSync(path).isFile())
      throw new StoreConfigError(`"${path}" is not a regular file. Move it away.`)
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return false
    throw storeUnusable(error, 'read its manifest', root)
  }
  let format: unknown
  try {
    format = (JSON.parse(text) as { format?: unknown } | null)?.format
  } catch {
    format = undefined // said below, with the path and what to do
  }
  if (format === FORMAT) return true
  throw new StoreConfigError(
    typeof format === 'number'
      ? `The sessions in "${root}" are of format ${format}; this release of untorn knows format ${FORMAT}. ` +
          'Use the release that wrote them, or another directory.'
      : `"${path}" is not a manifest of untorn. Restore it, or choose another directory.`,
  )
}

function refuseForeign(root: string): void {
  const names = usable(root, 'list it', () => readdirSync(root))
  const foreign = names.find(
    (name) => !IGNORED.has(name) && !name.startsWith(`${MANIFEST}.`) && name !== MANIFEST,
  )
  // Another process may have made it a session directory between the two looks.
  if (foreign === undefined || hasManifest(root)) return
  throw new StoreConfigError(
    `"${root}" is not empty ("${foreign}" is in it) and has no ${MANIFEST}: it is not a session directory. ` +
      `Choose an empty or a new one; or, if they are sessions whose ${MANIFEST} was removed, remove them too.`,
  )
}

/** By way of a rename, so that a process that starts at the same moment never reads half of it. */
function writeManifest(root: string): void {
  const created = new Date().toISOString()
  const path = writeBeside(root, `${JSON.stringify({ format: FORMAT, created })}\n`)
  renameSync(path, join(root, MANIFEST))
}

/** Finds out at start what the first request would find out otherwise: no right to write, or no space. */
function probe(root: string): void {
  unlinkSync(writeBeside(root, 'probe'))
}

function writeBeside(root: string, text: string): string {
  const path = join(root, `${MANIFEST}.${randomBytes(8).toString('hex')}`)
  const fd = openSync(path, 'wx', 0o600)
  try {
    writeFileSync(fd, text)
    fsyncSync(fd)
  } catch (error) {
    unlinkSync(path)
    throw error
  } finally {
    closeSync(fd)
  }
  return path
}

/** What messages and events show of a journal's place: enough to find it, no whole key. */
export function fileLabel(key: SessionKey): string {
  return `${shardOf(key)}/${key.slice(2, 8)}...`
}
