import { asFunction, asOneOf, asOptions, asWholeNumber, withDefaults } from '../../options/checks.ts'
import { asMillisecondsOrNone, type Duration } from '../../options/duration.ts'
import type { FileStoreEvent } from './events.ts'
import { reasonOf } from './system-error.ts'

/** What `fileStore()` can be told. */
export interface FileStoreOptions {
  /**
   * What a save that returned survives: `'process'` (default) the death of any process, `kill -9` included; `'disk'`
   * power loss too, at the price of one `fdatasync`, shared by the saves that wait.
   */
  durability?: 'process' | 'disk'
  /** Time between sweeps of expired sessions, about; 0: none in the background. Default: `'10m'`. */
  sweepEvery?: Duration
  /** Descriptors of recently used sessions kept open, from 1 on. Default: 1000. */
  maxOpen?: number
  /** Bytes of recently used sessions kept in memory, about. Default: 32 MiB. */
  maxCacheBytes?: number
  /**
   * How a session is loaded whose file is not open. `'sync'` (default): at once, which is four times cheaper while the
   * file is in the page cache, and holds up the event loop for as long as a disk takes where it is not. `'pool'`: the
   * thread pool reads the file first, so that a slow disk delays nobody else; such loads answer with promises.
   */
  coldLoads?: 'sync' | 'pool'
  /** For how long a save waits while another process folds the journal; 0: not at all. Default: `'5s'`. */
  busyTimeout?: Duration
  /**
   * Told of damage, of failures in the background and of what a start has found. Default: `process.emitWarning`, but where
   * `NODE_ENV` is `test` not of a directory that is new.
   */
  onEvent?: (event: FileStoreEvent) => void
}

/** {@link FileStoreOptions} after the check: lengths of time in milliseconds. */
export interface CheckedFileStoreOptions extends Required<FileStoreOptions> {
  sweepEvery: number
  busyTimeout: number
}

const DEFAULTS: Required<FileStoreOptions> = {
  durability: 'process',
  sweepEvery: '10m',
  maxOpen: 1000,
  maxCacheBytes: 32 * 1024 * 1024,
  coldLoads: 'sync',
  busyTimeout: '5s',
  onEvent: warn,
}

const KNOWN = Object.keys(DEFAULTS) as (keyof FileStoreOptions)[]

/** The options with their defaults; `InvalidOptionError` names the one that can't be used. */
export function fileStoreOptions(options: FileStoreOptions = {}): CheckedFileStoreOptions {
  const given = withDefaults(asOptions(options, KNOWN), DEFAULTS)
  return {
    durability: asOneOf('durability', given.durability, ['process', 'disk']),
    sweepEvery: asMillisecondsOrNone('sweepEvery', given.sweepEvery),
    maxOpen: asWholeNumber('maxOpen', given.maxOpen, { from: 1 }),
    maxCacheBytes: asWholeNumber('maxCacheBytes', given.maxCacheBytes, { from: 0 }),
    coldLoads: asOneOf('coldLoads', given.coldLoads, ['sync', 'pool']),
    busyTimeout: asMillisecondsOrNone('busyTimeout', given.busyTimeout),
    onEvent: asFunction('onEvent', given.onEvent),
  }
}

function warn(event: FileStoreEvent): void {
  if (event.type === 'new-directory' && process.env.NODE_ENV === 'test') return // there it is new each time
  process.emitWarning(warningOf(event), { type: 'UntornWarning', code: 'UNTORN_FILE_STORE' })
}

function warningOf(event: FileStoreEvent): string {
  switch (event.type) {
    case 'damaged-journal':
      return event.whole
        ? `The session file ${event.file} does not begin with a whole record of its session: it is damaged or ` +
            'was renamed. It counts as no session, and is kept.'
        : `The session file ${event.file} has ${event.lines} damaged lines: they were skipped, and are kept.`
    case 'foreign-file':
      return `The file ${event.file} is none of this store's, and was passed over: ${reasonOf(event.error)}.`
    case 'fold-failed':
      return `The session file ${event.file} could not be folded: ${reasonOf(event.error)}.`
    case 'file-left':
      return `The file ${event.file} could not be removed; the next sweep will try again: ${reasonOf(event.error)}.`
    case 'sweep-failed':
      return `A sweep of expired sessions failed: ${reasonOf(event.error)}.`
    case 'doubtful-file-system':
    case 'unsafe-ancestor':
      return event.message
    case 'new-directory':
      return (
        `Sessions are kept in "${event.directory}", which is new: "${event.given}" is relative to the working ` +
        'directory. A start from another one would begin with no sessions: an absolute path names one place.'
      )
    case 'manifest-restored':
      return (
        `untorn.json had been removed from the session directory "${event.directory}", and was made again. Something ` +
        'cleans there, and signs visitors out: keep it away, or move the directory to where nothing does.'
      )
  }
}
