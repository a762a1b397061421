import { reporter } from '../../events/reporter.ts'
import { withoutKeys } from './system-error.ts'

/** What the file store tells `onEvent`. `file` is the beginning of a journal's path below the store's directory. */
export type FileStoreEvent =
  /**
   * Lines of a journal fail their checksum and were skipped; or its first one does, or says that the file is another
   * session's and was renamed (`whole`): no session then.
   */
  | { type: 'damaged-journal'; file: string; lines: number; whole: boolean }
  /** What is no journal of this store (a link, a directory, somebody else's file), or no shard: it was passed over. */
  | { type: 'foreign-file'; file: string; error: unknown }
  /** A journal could not be folded; it goes on growing, or waits for the next try. */
  | { type: 'fold-failed'; file: string; error: unknown }
  /** A session was deleted, but its file could not be removed; the sweep will. */
  | { type: 'file-left'; file: string; error: unknown }
  /** A sweep in the background failed. */
  | { type: 'sweep-failed'; error: unknown }
  /** The directory is on a file system that may be a network, or that can't keep what `durability: 'disk'` promises. */
  | { type: 'doubtful-file-system'; message: string }
  /** At start: others may replace what is in a directory above, and so the session directory; the message says what to do. */
  | { type: 'unsafe-ancestor'; path: string; message: string }
  /** At start: the path was relative, and nothing was there. From another working directory it would be another store. */
  | { type: 'new-directory'; directory: string; given: string }
  /** `untorn.json` was removed, and made again: something cleans in the directory, and may sign visitors out. */
  | { type: 'manifest-restored'; directory: string }

/** Tells the application, which may log what it is told: no key is in it. */
export function guardedReport(onEvent: (event: FileStoreEvent) => void): (event: FileStoreEvent) => void {
  const report = reporter(onEvent, 'the file store')
  return (event) => {
    if ('error' in event) withoutKeys(event.error)
    report(event)
  }
}
