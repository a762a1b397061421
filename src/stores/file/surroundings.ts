import type { SessionKey } from '../../contract/key.ts'
import type { Chance, Clock, Files } from './files.ts'
import type { Holders } from './holder.ts'
import type { OpenJournals } from './open-journals.ts'
import type { SharedSyncs } from './shared-syncs.ts'
import type { WarmUp } from './warm-up.ts'

/** What the file store tells `onEvent`. `file` is the beginning of a journal's path below the store's directory. */
export type FileStoreEvent =
  /** Lines of a journal fail their checksum and were skipped, or (`whole`) its first one does: no session then. */
  | { type: 'damaged-journal'; file: string; lines: number; whole: boolean }
  /** A journal could not be folded; it goes on growing, or waits for the next try. */
  | { type: 'fold-failed'; file: string; error: unknown }
  /** A session was deleted, but its file could not be removed; the sweep will. */
  | { type: 'file-left'; file: string; error: unknown }
  /** A sweep in the background failed. */
  | { type: 'sweep-failed'; error: unknown }
  /** The directory is on a file system that may be a network, or that can't keep what `durability: 'disk'` promises. */
  | { type: 'doubtful-file-system'; message: string }

/** What a file store has done since it was opened. */
export interface FileStoreStats {
  /** Journals folded. */
  folds: number
  /** Folds taken over from a process that had died. */
  takeOvers: number
  /** Saves and deletes that met a seal, and waited for the journal's successor. */
  waits: number
  /** Damaged lines met and skipped. */
  damagedLines: number
  /** Expired sessions removed. */
  swept: number
  /** Descriptors kept open now. */
  open: number
}

/** What the parts of one file store share. */
export interface StoreContext {
  /** The real path of the directory. */
  readonly root: string
  readonly files: Files
  readonly clock: Clock
  readonly chance: Chance
  readonly holders: Holders
  readonly journals: OpenJournals
  readonly syncs: SharedSyncs
  readonly warmUp: WarmUp
  /** `durability: 'disk'`. */
  readonly durable: boolean
  /** Milliseconds that a save or a delete waits for a fold of another process. */
  readonly busyTimeout: number
  /** Bytes from which on a journal is folded. */
  readonly foldBytes: number
  /** Names of the directories that sessions may be in. */
  readonly shards: readonly string[]
  readonly stats: Omit<FileStoreStats, 'open'>
  readonly report: (event: FileStoreEvent) => void
  /** An id for a line, unique to its append. */
  readonly nextLineId: () => string
  /** Sealed journals that this store holds and could not replace yet. */
  readonly unfinished: Set<SessionKey>
  /** Syncs of the shards' own entries, done or under way, by shard. */
  readonly shardsSynced: Map<string, Promise<void>>
  /**
   * Sessions of which a sync failed, or that were cut, until a new file is there or the name is gone for certain: the system
   * may have dropped what was appended. Others see it by the seal; this is for a journal that could not be sealed, or is
   * over, and for what was under way before the seal.
   */
  readonly doubtful: Set<SessionKey>
  /** Folds of this store that wait for the device. */
  readonly folding: Map<SessionKey, Promise<void>>
  /** Seals whose holder can't be looked at, by id, and when each was first met (monotonic). */
  readonly suspects: Map<string, number>
  /** No new work is taken; what is under way is finished. */
  closing: boolean
}
