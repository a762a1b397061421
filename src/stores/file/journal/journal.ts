import type { SessionKey } from '../../../contract/key.ts'
import { copyRecord, type SessionRecord } from '../../../contract/record.ts'
import type { MaybePromise } from '../../../contract/wait.ts'
import type { FileStatus, Files } from '../files.ts'
import {
  type BaseLine,
  type ChangeLine,
  decodeLines,
  type EndLine,
  encodeLine,
  isCutShort,
  type LineRead,
  type SealLine,
} from './line.ts'
import { BLANK, type Fate, fateOf, type JournalState, replay } from './replay.ts'

/** A line that can be appended to a journal that exists, and found again by its id. */
export type AppendedLine = ChangeLine | EndLine | SealLine

/** What became of a line that was appended. */
export interface Appended {
  fate: Fate
  /** The caller's own: of an applied change what it made, of an applied end what it ended. Else undefined. */
  record: SessionRecord | undefined
}

/** The system took fewer bytes than it was given, twice, without saying why. */
export class ShortWriteError extends Error {
  readonly code = 'SHORT_WRITE'
}

/** The file was cut: by a sign-out that found no space for its end, or by somebody else. No append ever does. */
export class TruncatedError extends Error {
  readonly code = 'TRUNCATED'
}

/** What a look at the descriptor told. */
export type Freshness = 'current' | 'replaced'

/**
 * An open journal: a descriptor and what replay made of the bytes up to `offset`. It knows whose it is and the file's
 * lines, and nothing of its name, its fold or its neighbours.
 */
export class Journal {
  /** -1 once it is closed: a number that the system has given to another file since would be worse than an error. */
  fd: number
  state: JournalState = BLANK
  /** Bytes that were replayed: a whole number of lines. */
  offset = 0
  /** Size of the file when it was last read; above `offset` while an append may be in progress. */
  size = 0
  /** Length of the base line, the size to which a fold would bring the journal back. */
  baseSize = 0
  /** Damaged lines met and skipped since it was opened. */
  damagedLines = 0
  /** Operations that still need the descriptor after they returned to the event loop. */
  pins = 0
  /** Out of the cache: the last pin closes it. */
  evicted = false
  /** The file was deleted, or another has its name. */
  nameless = false

  readonly #files: Files
  readonly #key: SessionKey
  #ino: number | undefined
  /** The last bytes before `offset`. They stay where they are, unless the file is cut. */
  #seam = ''

  constructor(files: Files, fd: number, key: SessionKey) {
    this.#files = files
    this.fd = fd
    this.#key = key
  }

  /** The record, unless the journal is over or never was one; replay changes it in place, so copy what is to stay. */
  get record(): SessionRecord | undefined {
    return this.state.phase === 'open' || this.state.phase === 'sealed' ? this.state.record : undefined
  }

  /** The file's number, which no other file has while this one is open. */
  get ino(): number {
    this.#ino ??= this.status().ino
    return this.#ino
  }

  status(): FileStatus {
    return this.#files.status(this.fd)
  }

  /** Brings the state up to date; `replaced` means that the file has no name any more: look at the path again. */
  refresh(): Freshness {
    return this.refreshFrom(this.#files.status(this.fd))
  }

  /** {@link refresh} with a status in hand. */
  refreshFrom(status: FileStatus): Freshness {
    this.#ino = status.ino
    if (status.nlink === 0) {
      this.nameless = true
      return 'replaced'
    }
    if (status.size < this.offset) this.startOver()
    if (status.size !== this.size || this.size !== this.offset) this.#readOn(status.size)
    return 'current'
  }

  /** Writes the first line of a file that was just created. @returns whether it stands first: else it is void */
  begin(line: BaseLine): boolean {
    const bytes = encodeLine(line)
    const written = this.#files.append(this.fd, bytes)
    // Behind a part of it a second one would be void, and the file nobody's if this process is killed now: the rest follows.
    if (written < bytes.length) this.#writeAgain(bytes.subarray(written))
    if (!readFrom(this.#files, this.fd, 0, bytes.length).subarray(0, bytes.length).equals(bytes)) return false
    this.#replay([line])
    this.baseSize = bytes.length
    this.offset = bytes.length
    this.size = bytes.length
    this.#seam = seamOf(bytes)
    return true
  }

  /** Appends a line, reads back to the end of the file, and tells what became of the line at its place. */
  append(line: AppendedLine): Appended {
    const bytes = encodeLine(line)
    this.#write(bytes)
    const tail = this.#tail(bytes.length)
    if (!tail) throw new TruncatedError('The file was shortened while it was in use.')
    if (tail.equals(bytes)) {
      // The common case: nobody else wrote since, and the line needs no parsing.
      this.offset += bytes.length
      this.size = this.offset
      this.#seam = seamOf(bytes)
      return this.#settle(line)
    }
    const lines = this.#decode(tail.includes(bytes) ? tail : this.#readAgain())
    const mine = lines.findIndex((other) => 'id' in other && other.id === line.id)
    this.#replay(mine === -1 ? lines : lines.slice(0, mine))
    if (mine === -1) throw new TruncatedError('The file was shortened while it was in use.')
    const appended = this.#settle(line)
    this.#replay(lines.slice(mine + 1))
    return appended
  }

  /** Whether all that is there is a part of one line: nobody was ever told that this is a session. */
  isCutShort(): boolean {
    if (this.state.phase !== 'blank' || this.size === 0) return false
    return isCutShort(readFrom(this.#files, this.fd, 0, this.size))
  }

  /** Whether its first line can't be read, or is another session's: no session, and not one that is only being made. */
  get isVoid(): boolean {
    if (this.state.phase !== 'blank' || this.size === 0) return this.state.phase === 'void'
    try {
      return !this.isCutShort()
    } catch (error) {
      if (error instanceof TruncatedError) return false // it is being removed
      throw error
    }
  }

  /** Sets the hint that spares the sweep a reading. One that can't be set costs that reading, and no save. */
  hintExpiry(expiresAt: number): void {
    try {
      this.#files.hintExpiry(this.fd, Math.max(0, Math.min(expiresAt, LATEST_HINT)))
    } catch {
      // Without the hint the sweep reads the journal.
    }
  }

  /** Cuts the file to no bytes: the session is over, for everybody who has it open. */
  cut(): void {
    this.#files.truncate(this.fd)
  }

  /**
   * Closes the descriptor: now, or with the last operation that still uses it. A promise: it takes its time to, never
   * rejects, and is for those alone who close many.
   */
  evict(): MaybePromise<void> {
    this.evicted = true
    return this.#closeIfUnused()
  }

  pin(): void {
    this.pins++
  }

  unpin(): void {
    this.pins--
    void this.#closeIfUnused()
  }

  #closeIfUnused(): MaybePromise<void> {
    if (!this.evicted || this.pins > 0 || this.fd === -1) return undefined
    const { fd } = this
    this.fd = -1
    return letGo(this.#files, fd, this.nameless)
  }

  /** Forgets what was read, so that the next look reads the file from its first line. */
  startOver(): void {
    this.state = BLANK
    this.offset = 0
    this.size = 0
    this.#seam = ''
  }

  #settle(line: AppendedLine): Appended {
    const fate = fateOf(this.state, line, this.#key)
    const { record } = this
    this.#replay([line])
    // Copied here, before any wait: replay goes on with the same object.
    return { fate, record: fate === 'applied' && record ? copyRecord(record) : undefined }
  }

  #replay(lines: readonly LineRead[]): void {
    this.state = replay(this.state, lines, this.#key)
  }

  /** Reads and replays what was appended since the last reading, to a file that has this size by now. */
  #readOn(size: number): void {
    let lines: LineRead[] | undefined
    try {
      const tail = this.#tail(size - this.offset)
      if (tail) lines = this.#decode(tail)
    } catch (error) {
      if (!(error instanceof TruncatedError)) throw error // cut between two reads
    }
    if (!lines) {
      this.startOver()
      const tail = this.#tail(this.status().size)
      if (tail) lines = this.#decode(tail)
    }
    if (lines) this.#replay(lines)
  }

  /** All that was appended since the last reading, where a read has not come as far as a line that is there. */
  #readAgain(): Buffer {
    const { size } = this.status()
    const tail = this.#tail(size - this.offset)
    if (!tail) throw new TruncatedError('The file was shortened while it was in use.')
    return tail
  }

  /**
   * What stands behind `offset`, so many bytes at least; `undefined` where the file was cut. Its size does not tell: others
   * who did not know have appended to it since, and what was appended here may stand behind their lines as if all were well.
   */
  #tail(known: number): Buffer | undefined {
    const { length } = this.#seam
    try {
      const bytes = readFrom(this.#files, this.fd, this.offset - length, length + known)
      return bytes.toString('latin1', 0, length) === this.#seam ? bytes.subarray(length) : undefined
    } catch (error) {
      if (error instanceof TruncatedError) return undefined
      if (length === 0) throw error
    }
    // A block that can't be read is an old one, so that the file was not cut: what stands at the seam then was appended just
    // now. Whether the bytes that are needed can be read is asked without it.
    return readFrom(this.#files, this.fd, this.offset, known)
  }

  /** Decodes bytes read at `offset`, and moves on behind them. */
  #decode(bytes: Buffer): LineRead[] {
    let tail = bytes
    let decoded = decodeLines(tail)
    if (decoded.firstDamage !== undefined) {
      // A read may overtake the append that it reads. What is damaged the second time is damaged for good: the line
      // after it could only be appended when this one's append was over.
      tail = readFrom(this.#files, this.fd, this.offset, bytes.length)
      decoded = decodeLines(tail)
      this.damagedLines += decoded.lines.filter((line) => line.kind === 'damaged').length
    }
    if (this.offset === 0 && decoded.lines.length > 0) this.baseSize = firstLineEnd(tail)
    this.size = this.offset + tail.length
    this.offset += decoded.consumed
    if (decoded.consumed > 0) this.#seam = seamOf(tail, decoded.consumed)
    return decoded.lines
  }

  #write(bytes: Buffer): void {
    if (this.#files.append(this.fd, bytes) < bytes.length) this.#writeAgain(bytes) // the torn line is void
  }

  /** A second try says why the first one was short: by now the system has an error ready. */
  #writeAgain(bytes: Buffer): void {
    if (this.#files.append(this.fd, bytes) === bytes.length) return
    throw new ShortWriteError('The system wrote only a part of a line.')
  }
}

/**
 * Closes a descriptor. An error is no one's: the system frees the descriptor in any case, and what was appended through
 * it has been answered for, and synced where that is promised.
 */
export function letGo(files: Files, fd: number, nameless = false): MaybePromise<void> {
  try {
    return nameless ? files.release(fd) : files.close(fd)
  } catch {
    return undefined // the descriptor is free all the same
  }
}

/** What every file system can keep as a file's time: the end of the year 2037. */
const LATEST_HINT = 2_145_916_800_000

function firstLineEnd(bytes: Buffer): number {
  const next = bytes.indexOf(0x0a, 1)
  return next === -1 ? bytes.length : next
}

/** Longer than the end of a short line from its id on, by which lines of one length can be told apart. */
const SEAM = 100

function seamOf(bytes: Buffer, end = bytes.length): string {
  return bytes.toString('latin1', Math.max(0, end - SEAM), end)
}

const SCRATCH = Buffer.allocUnsafe(64 * 1024)

/**
 * The bytes from a position to the end of the file, in memory that the next call uses again. So many are there for
 * certain (`known`): a read that brings fewer has not come to the end of the file, but to a block that can't be read, and
 * the next one, which begins there, has the error. Reading a little more than that finds the end with the same call.
 */
function readFrom(files: Files, fd: number, position: number, known: number): Buffer {
  let into = known < SCRATCH.length ? SCRATCH : Buffer.allocUnsafe(known + SCRATCH.length)
  let length = 0
  for (;;) {
    const rest = length === 0 ? into : into.subarray(length)
    const read = files.read(fd, rest, rest.length, position + length)
    length += read
    if (length === into.length) into = Buffer.concat([into], into.length * 2)
    else if (length >= known) return into.subarray(0, length)
    else if (read === 0) throw new TruncatedError('The file was shortened while it was read.')
  }
}
