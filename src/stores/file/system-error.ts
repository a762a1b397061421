import { statfsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import { types } from 'node:util'
import { StoreConfigError, StoreUnavailableError, UntornError } from '../../errors.ts'

/** What to do about a system error, for the end of a message. */
const ADVICE: Record<string, string> = {
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'the disk quota is used up: free some space or raise it',
  EACCES: 'this process has no right to: see to the owner and the mode of the directory',
  EPERM: 'this process has no right to: see to the owner and the mode of the directory',
  EROFS: 'the file system is read-only: choose another directory, or mount it writable',
  EMFILE: 'this process has too many files open: raise `ulimit -n`, or lower the option `maxOpen`',
  ENFILE: 'the system has too many files open: raise its limit',
  ENOENT: 'the directory is gone: restore it, or start again for a new one',
  ENOTDIR: 'a part of the path is not a directory: choose another directory',
  EIO: 'the device reports an error: look into the system log',
  EINTR: 'a signal came between: try again',
  ESTALE: 'the file system was taken away or replaced under the store: see to its mount, and start again',
  EUCLEAN: 'the file system is damaged: unmount and check it (fsck)',
  SHORT_WRITE: 'the system took only a part of a line: see whether the disk is full, and free some space',
  TRUNCATED: 'a session file was shortened while it was in use: see what else writes to the directory',
}

/** Of Linux alone, and in no table of Node's: what ext4, xfs and btrfs say of damage that they have found. */
const LINUX: Record<string, number> = process.platform === 'linux' ? { EUCLEAN: 117 } : {}

/**
 * Names by number. Node knows what the ones are called that its event loop knows too; of the others (a used-up quota is
 * one) it says "Unknown system error -122", and its `code` is that sentence.
 */
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries({ ...constants.errno, ...LINUX }).map(([name, number]) => [-number, name]),
)

/** The name of a system error; '' for any other error. */
function codeOf(error: unknown): string {
  const { code, errno, syscall } = Object(error) as { code?: unknown; errno?: unknown; syscall?: unknown }
  if (typeof code === 'string' && CODE.test(code)) return code
  if (typeof errno !== 'number' || typeof syscall !== 'string') return ''
  return NAMES.get(errno) ?? `error ${Math.abs(errno)} of the system`
}

/** From the system, or found out about it: not a mistake in a call, whose codes begin with ERR_. */
const CODE = /^(E[A-Z0-9]+|SHORT_WRITE|TRUNCATED)$/

/** Whether the system says that there is nothing at a path. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT'
}

export function isTaken(error: unknown): boolean {
  return codeOf(error) === 'EEXIST'
}

export function isOutOfDescriptors(error: unknown): boolean {
  return codeOf(error) === 'EMFILE' || codeOf(error) === 'ENFILE'
}

/** No room for one byte more: the end of a session can't be appended, but removing needs none. */
export function isOutOfSpace(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'SHORT_WRITE'].includes(codeOf(error))
}

export function isNoRight(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes(codeOf(error))
}

/** A symlink, a directory, a socket or a device where a journal should be. */
export function isForeignKind(error: unknown): boolean {
  return ['ELOOP', 'EISDIR', 'ENXIO', 'ENODEV', 'EMLINK'].includes(codeOf(error))
}

/** Node's permission model (`--permission`) does not let this process do it. */
export function isForbidden(error: unknown): boolean {
  return (Object(error) as { code?: unknown }).code === 'ERR_ACCESS_DENIED'
}

/** A system error as one of untorn's, kept as its cause; any other error stays as it is. */
export function storeUnavailable(error: unknown, doing: string, directory: string): unknown {
  if (error instanceof UntornError || !isSystemError(error)) return error
  return new StoreUnavailableError(`Could not ${doing} in "${directory}": ${explain(error)}.`, {
    cause: withoutKeys(error),
  })
}

/** The same for what is found out at start. */
export function storeUnusable(error: unknown, doing: string, directory: string): UntornError {
  if (error instanceof UntornError) return error
  const message = `The session directory "${directory}" can't be used: could not ${doing}: ${explain(error)}.`
  return new StoreConfigError(message, { cause: withoutKeys(error) })
}

/** What happened, for the end of a sentence: what the system says would show a path, and in it a key. */
export function reasonOf(error: unknown): string {
  return isSystemError(error) ? explain(error) : String(error).replace(/\.$/, '')
}

const isSystemError = (error: unknown): boolean => isForbidden(error) || codeOf(error) !== ''

function explain(error: unknown): string {
  if (isForbidden(error)) return adviceOnForbidden(error as { permission?: string })
  if (codeOf(error) === 'ENOSPC' && lacksInodes(error)) return ADVICE_ON_INODES
  const code = codeOf(error) || String((Object(error) as { code?: unknown }).code ?? 'see the cause')
  return ADVICE[code] ?? code
}

const ADVICE_ON_INODES =
  'the file system has space left, but no inodes, of which each file takes one: remove files, or use one with more ' +
  'of them (df -i shows them)'

/**
 * A lack of space has two reasons, and one error. That a file can't be made is said of a path, that bytes don't fit into
 * one that is open is not.
 */
function lacksInodes(error: unknown): boolean {
  const { path } = error as { path?: unknown }
  if (typeof path !== 'string') return false
  try {
    const { files, ffree, bavail } = statfsSync(dirname(path))
    return files > 0 && ffree === 0 && bavail > 0 // some have no fixed number of inodes, and say that there are none
  } catch {
    return false
  }
}

/** A session's file by its path. What is kept of its name is what `fileLabel` shows. */
const KEYS = /([0-9a-f]{2}[/\\][0-9a-f]{6})[0-9a-f]{56}/g

/** A text in which the names of session files are cut, as messages have them. */
export function textWithoutKeys(text: string): string {
  return text.replace(KEYS, '$1...')
}

/** What of an error may name a file. */
const TEXTS = ['message', 'stack', 'path', 'dest'] as const

/**
 * The same error, in which the names of session files are cut as messages have them: a cause and an event are logged, and
 * no log is to hold a key.
 */
export function withoutKeys<T>(error: T): T {
  // Not by its class: that of another realm (Jest has one) is another.
  if (!types.isNativeError(error)) return error
  const texts = error as Partial<Record<(typeof TEXTS)[number], unknown>>
  for (const name of TEXTS) {
    const text = texts[name]
    if (typeof text === 'string') texts[name] = textWithoutKeys(text)
  }
  return error
}

/** Files are forbidden one by one, by their paths; of calls on what is open already, a store needs none but the syncs. */
function adviceOnForbidden({ permission }: { permission?: string }): string {
  return permission
    ? "Node.js' permission model forbids it: name the directory in --allow-fs-read and --allow-fs-write, by its real " +
        'path and with /* behind it'
    : "Node.js' permission model forbids fsync, without which nothing is sure to be on the disk: choose durability: " +
        "'process', or run without --permission"
}
