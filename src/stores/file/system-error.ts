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
  SHORT_WRITE: 'the system took only a part of a line: see whether the disk is full, and free some space',
  TRUNCATED: 'a session file was shortened while it was in use: see what else writes to the directory',
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | undefined)?.code ?? ''

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

/** A symlink, a directory, a socket or a device where a journal should be. */
export function isForeignKind(error: unknown): boolean {
  return ['ELOOP', 'EISDIR', 'ENXIO', 'ENODEV', 'EMLINK'].includes(codeOf(error))
}

/** Node's permission model (`--permission`) does not let this process do it. */
export function isForbidden(error: unknown): boolean {
  return codeOf(error) === 'ERR_ACCESS_DENIED'
}

/** A system error as one of untorn's, kept as its cause; any other error stays as it is. */
export function storeUnavailable(error: unknown, doing: string, directory: string): unknown {
  if (error instanceof UntornError || !isSystemError(error)) return error
  return new StoreUnavailableError(`Could not ${doing} in "${directory}": ${explain(error)}.`, {
    cause: error,
  })
}

/** The same for what is found out at start. */
export function storeUnusable(error: unknown, doing: string, directory: string): UntornError {
  if (error instanceof UntornError) return error
  const message = `The session directory "${directory}" can't be used: could not ${doing}: ${explain(error)}.`
  return new StoreConfigError(message, { cause: error })
}

/** What happened, for the end of a sentence: what the system says would show a path, and in it a key. */
export function reasonOf(error: unknown): string {
  return isSystemError(error) ? explain(error) : String(error).replace(/\.$/, '')
}

/** From the system, or found out about it: not a mistake in a call, whose codes begin with ERR_. */
function isSystemError(error: unknown): boolean {
  if (isForbidden(error)) return true
  const code: unknown = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' && /^(E[A-Z0-9]+|SHORT_WRITE|TRUNCATED)$/.test(code)
}

function explain(error: unknown): string {
  const code = codeOf(error)
  if (isForbidden(error)) return adviceOnForbidden(error as { permission?: string })
  return ADVICE[code] ?? (code || 'see the cause')
}

/** Files are forbidden one by one, by their paths; of calls on what is open already, a store needs none but the syncs. */
function adviceOnForbidden({ permission }: { permission?: string }): string {
  return permission
    ? "Node.js' permission model forbids it: name the directory in --allow-fs-read and --allow-fs-write, by its real " +
        'path and with /* behind it'
    : "Node.js' permission model forbids fsync, without which nothing is sure to be on the disk: choose durability: " +
        "'process', or run without --permission"
}
