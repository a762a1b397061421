import { lstatSync, opendirSync, statSync } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type SessionKey, sessionKey } from '../../contract/key.ts'
import type { SessionRecord } from '../../contract/record.ts'
import type { SessionSource } from '../../contract/source.ts'
import type { LoadOptions, RecordsOptions } from '../../contract/store.ts'
import { StoreConfigError, StoreUnavailableError } from '../../errors.ts'
import { Slice, type SliceClock } from '../slice.ts'
import { codeOf, type Held, readBounded } from './bounded-read.ts'
import { type Content, recordOf } from './content.ts'
import { assertKeyOf } from './ids.ts'
import type { Chosen } from './source-options.ts'
import { misnamed, Unreadable, unreadable } from './unreadable.ts'

/** How a framework keeps a session in a file. */
export interface FileFormat {
  /** Directories within each other that the files are in: as many letters of the id. Default: 0. */
  readonly depth?: number
  /** Bytes of the largest file. */
  readonly most: number
  /** Whether a text can be an id. No other gets into a path. */
  isId(text: string): boolean
  nameOf(id: string): string
  /** The id in a file's name, or what stands in its place; `undefined`: it is no session's file by its name. */
  idIn(name: string): string | undefined
  /** `undefined`: there is none yet, or any more. Throws {@link Unreadable}. */
  contentOf(held: Held): Content | undefined
}

const CLOCK: SliceClock = { monotonic: () => performance.now(), pause: (ms) => delay(ms) }

/** Files that another framework keeps sessions in, one each. They are read, and that is all. */
export class FolderSource implements SessionSource {
  /** Files are read at once. */
  readonly loadsAtOnce = true
  readonly #directory: string
  readonly #format: FileFormat
  readonly #chosen: Chosen

  /** @internal */
  constructor(directory: string, format: FileFormat, chosen: Chosen) {
    this.#directory = resolve(directory)
    this.#format = format
    this.#chosen = chosen
    assertDirectory(this.#directory)
  }

  load(key: SessionKey, { id }: LoadOptions = {}): SessionRecord | undefined {
    const { app, tell } = this.#chosen
    assertKeyOf(key, id, app)
    if (id === undefined || !this.#format.isId(id)) return undefined
    try {
      return this.#read(id)
    } catch (error) {
      if (!(error instanceof Unreadable)) throw this.#failed('load', error)
      tell(unreadable(this.#label, key, error))
      return undefined
    }
  }

  async *records({ onUnreadable }: RecordsOptions = {}): AsyncGenerator<[SessionKey, SessionRecord]> {
    const slice = new Slice(CLOCK)
    for await (const id of this.#ids(this.#directory, this.#format.depth ?? 0)) {
      if (slice.isOver) await slice.next()
      if (!this.#format.isId(id)) {
        onUnreadable?.(misnamed(this.#label))
        continue
      }
      const key = sessionKey(id, this.#chosen.app)
      const record = this.#readOrTell(key, id, onUnreadable)
      if (record) yield [key, record]
    }
  }

  /** By the names of files: what has expired counts, too. */
  async count(): Promise<number> {
    let count = 0
    for await (const _ of this.#ids(this.#directory, this.#format.depth ?? 0)) count++
    return count
  }

  close(): void {}

  get #label(): string {
    return `"${this.#directory}"`
  }

  #readOrTell(
    key: SessionKey,
    id: string,
    onUnreadable: RecordsOptions['onUnreadable'],
  ): SessionRecord | undefined {
    try {
      return this.#read(id)
    } catch (error) {
      const isDenied = ['EACCES', 'EPERM'].includes(codeOf(error))
      const why = isDenied ? new Unreadable('this user has no right to read it') : error
      if (!(why instanceof Unreadable)) throw this.#failed('list', error)
      onUnreadable?.(unreadable(this.#label, key, why))
      return undefined
    }
  }

  #read(id: string): SessionRecord | undefined {
    const { depth = 0, most } = this.#format
    const { maxBytes } = this.#chosen
    const within = this.#within(id, depth)
    const held =
      within === undefined ? undefined : readBounded(join(within, this.#format.nameOf(id)), most, maxBytes)
    if (held === undefined) {
      // Where the whole directory has gone, a volume perhaps, nobody is to be told that they are signed out.
      statSync(this.#directory)
      return undefined
    }
    const content = this.#format.contentOf(held)
    if (content === undefined || !(content.expiresAt > Date.now())) return undefined
    return recordOf(content, maxBytes)
  }

  /** The directory that the file is in. No link is followed there either. */
  #within(id: string, depth: number): string | undefined {
    let directory = this.#directory
    for (const letter of id.slice(0, depth)) {
      directory = join(directory, letter)
      if (!lstatSync(directory, { throwIfNoEntry: false })?.isDirectory()) return undefined
    }
    return directory
  }

  /** The ids of the files in a directory, and of those that are so much deeper. */
  async *#ids(directory: string, depth: number): AsyncGenerator<string> {
    for await (const { name, isDirectory } of this.#entries(directory)) {
      if (depth === 0) {
        const id = this.#format.idIn(name)
        if (id !== undefined) yield id
      } else if (isDirectory && name.length === 1) {
        yield* this.#ids(join(directory, name), depth - 1)
      }
    }
  }

  async *#entries(directory: string): AsyncGenerator<{ name: string; isDirectory: boolean }> {
    try {
      for await (const entry of await opendir(directory)) {
        yield { name: entry.name, isDirectory: entry.isDirectory() }
      }
    } catch (error) {
      throw this.#failed('list', error)
    }
  }

  /** Without its cause, whose path has an id. */
  #failed(doing: 'load' | 'list', error: unknown): unknown {
    const code = codeOf(error)
    if (!/^E[A-Z0-9]+$/.test(code)) return error
    const what = doing === 'load' ? 'load a session' : 'list sessions'
    return new StoreUnavailableError(
      `Could not ${what}: the system said ${code} of ${this.#label} or a file in it. See whether it is there, and whether ` +
        'this user may read it.',
    )
  }
}

function assertDirectory(directory: string): void {
  try {
    opendirSync(directory).closeSync()
  } catch (error) {
    throw new StoreConfigError(
      `Sessions can't be read from "${directory}": the system says ${codeOf(error)}. Name the directory that they are in, and ` +
        'see that this user may read it.',
    )
  }
}
