import { assertSessionKey } from '../../contract/check.ts'
import { isSessionKey, type SessionKey } from '../../contract/key.ts'
import { fileLabel, fileNameOf, isManifestName, shardOf, temporaryName } from './directory.ts'
import type { Chance, FileStatus, Files } from './files.ts'
import { asForeign, refusedJournal } from './foreign.ts'
import { Journal, letGo } from './journal/journal.ts'
import { refuseUnsafe } from './rights.ts'
import type { Root } from './root.ts'
import { isForeignKind, isMissing, isNoRight, isOutOfDescriptors, isTaken } from './system-error.ts'
import { unlinkIfThere } from './unlink.ts'

const REGULAR = 0o100000
const DIRECTORY = 0o040000
const KIND = 0o170000

/** A journal, and where it is. */
export interface JournalFile {
  readonly key: SessionKey
  readonly path: string
  readonly journal: Journal
}

/** What the names of a store tell the other parts of. */
export interface Told {
  /** Closes descriptors that can be spared. `false`: there is none. */
  makeRoom(): boolean
  /** A shard was not there: what was known of its name is not true any more. */
  shardGone(shard: string): void
}

/**
 * The journals of a directory by their names: opened and made, looked for, listed and removed. It guards
 * which shards were found to be safe.
 */
export class JournalNames {
  readonly #files: Files
  readonly #root: string
  readonly #directory: Root
  readonly #told: Told
  readonly #safeShards = new Set<string>()

  constructor(files: Files, directory: Root, told: Told) {
    this.#files = files
    this.#root = directory.path
    this.#directory = directory
    this.#told = told
  }

  shardPath(shard: string): string {
    return `${this.#root}/${shard}`
  }

  pathOf(key: SessionKey): string {
    return `${this.#root}/${shardOf(key)}/${fileNameOf(key)}`
  }

  /** The same as messages show it: enough to find it, no whole key. */
  labelOf(key: SessionKey): string {
    return `${this.#root}/${fileLabel(key)}`
  }

  /** Opens the journal that a session's name leads to, and reads it. `undefined`: there is none. */
  open(key: SessionKey): Journal | undefined {
    assertSessionKey(key)
    this.#checkShard(shardOf(key))
    const path = this.pathOf(key)
    for (;;) {
      const fd = this.#withDescriptors(() => this.#descriptorOf(path, key))
      if (fd === undefined) return undefined
      const journal = new Journal(this.#files, fd, key)
      try {
        const status = this.#files.status(fd)
        this.#refuseForeign(status, key)
        if (journal.refreshFrom(status) === 'current') return journal
      } catch (error) {
        void letGo(this.#files, fd)
        throw error
      }
      void letGo(this.#files, fd) // replaced between the opening and the look: open what has its name now
    }
  }

  /** Makes an empty file under a session's name, and its shard if need be. `undefined`: the name is taken. */
  create(key: SessionKey): Journal | undefined {
    const shard = shardOf(key)
    this.#checkShard(shard)
    const path = this.pathOf(key)
    try {
      try {
        return this.#createAt(path, key)
      } catch (error) {
        if (!isMissing(error)) throw error
        if (this.#safeShards.has(shard)) this.#lookAgainAt(shard)
        this.#told.shardGone(shard)
        this.#makeShard(shard)
        return this.#createAt(path, key)
      }
    } catch (error) {
      if (isTaken(error)) return undefined
      throw error
    }
  }

  /** Makes an empty file beside a session's, under a name that nobody can guess: for a fold to rename. */
  createTemporary(key: SessionKey, chance: Chance): { path: string; journal: Journal } {
    const path = `${this.shardPath(shardOf(key))}/${temporaryName(chance)}`
    return { path, journal: this.#createAt(path, key) }
  }

  /**
   * Whether the path still leads to this journal. Of a sealed one only the path tells: the number of its names does not
   * become 0 where somebody has made a hard link to it, for a backup.
   */
  hasItsName({ journal, path }: JournalFile): boolean {
    try {
      return this.#files.pathStatus(path).ino === journal.ino
    } catch (error) {
      if (!isMissing(error)) throw error
      this.assertDirectory()
      return false
    }
  }

  /** Removes a journal's name, for which nobody else can have taken it. @returns whether it was there */
  unlink({ journal, path }: Pick<JournalFile, 'journal' | 'path'>): boolean {
    const was = unlinkIfThere(this.#files, path)
    journal.nameless = true
    return was
  }

  /** {@link unlink}, unless the name is another file's by now: a session's that has taken the key since, say. */
  unlinkIfItsOwn(file: JournalFile): void {
    if (this.hasItsName(file)) this.unlink(file)
    else file.journal.nameless = true
  }

  /** `fsync` of a shard: the names in it survive power loss. */
  async syncShard(shard: string): Promise<void> {
    try {
      await this.#withDescriptorsLater(() => this.#files.syncDirectory(this.shardPath(shard)))
    } catch (error) {
      if (!isMissing(error)) throw error
      this.assertDirectory()
      await this.syncRoot() // a cleaner has taken it, with all that was in it: that this lasts is what is left to see to
    }
  }

  /** The same for the names of the shards. */
  syncRoot(): Promise<void> {
    return this.#withDescriptorsLater(() => this.#files.syncDirectory(this.#root))
  }

  /** Which of these shards are there by now: most are not, of a store with few sessions. */
  async shardsOf(all: readonly string[]): Promise<string[]> {
    const there = new Set(await this.#withDescriptorsLater(() => this.#files.list(this.#root)))
    if (![...there].some(isManifestName)) this.assertDirectory()
    return all.filter((shard) => there.has(shard))
  }

  /** Names in a shard; none if there is no such shard, unless the whole directory is gone. A link would lead elsewhere. */
  async list(shard: string): Promise<string[]> {
    this.#checkShard(shard)
    try {
      return await this.#withDescriptorsLater(() => this.#files.list(this.shardPath(shard)))
    } catch (error) {
      if (!isMissing(error)) throw error
      this.assertDirectory()
      return []
    }
  }

  /** Keys of the sessions in a shard, by its files' names. */
  async keys(shard: string): Promise<SessionKey[]> {
    const names = await this.list(shard)
    return names.map((name) => `${shard}${name}`).filter(isSessionKey)
  }

  /** Throws if the whole directory is gone, which is no absence but a failure: it may come back. */
  assertDirectory(): void {
    this.#directory.assertThere()
  }

  #createAt(path: string, key: SessionKey): Journal {
    const fd = this.#withDescriptors(() => this.#files.create(path))
    return new Journal(this.#files, fd, key)
  }

  /** Runs what opens a file; out of descriptors, makes room and tries once more. */
  #withDescriptors<T>(open: () => T): T {
    try {
      return open()
    } catch (error) {
      this.#assertHelped(error)
      return open()
    }
  }

  /** The same for a directory, which takes a descriptor too. */
  async #withDescriptorsLater<T>(open: () => Promise<T>): Promise<T> {
    try {
      return await open()
    } catch (error) {
      this.#assertHelped(error)
      return open()
    }
  }

  /** Makes room, where that can help against an error; throws it where it can't. */
  #assertHelped(error: unknown): void {
    if (!isOutOfDescriptors(error) || !this.#told.makeRoom()) throw error
  }

  /** Makes a shard, if no other process was quicker. */
  #makeShard(shard: string): void {
    try {
      this.#files.makeDirectory(this.shardPath(shard))
    } catch (error) {
      if (!isTaken(error)) throw error
    }
  }

  /** A planted shard could lead anywhere: each is looked at a single time, at its first use. */
  #checkShard(shard: string): void {
    if (this.#safeShards.has(shard)) return
    const path = this.shardPath(shard)
    let status: FileStatus
    try {
      status = this.#files.pathStatus(path)
    } catch (error) {
      if (!isMissing(error)) throw error
      this.#told.shardGone(shard)
      this.assertDirectory()
      return // nobody's session has been here yet, or a cleaner has
    }
    try {
      refuseUnsafe(path, status, this.#root)
    } catch (error) {
      throw isOurs(DIRECTORY, status) ? error : asForeign(error as Error)
    }
    this.#safeShards.add(shard)
  }

  #descriptorOf(path: string, key: SessionKey): number | undefined {
    try {
      return this.#files.open(path)
    } catch (error) {
      if (isMissing(error)) return this.#absent(key)
      if (!isForeignKind(error) && !(isNoRight(error) && this.#isForeign(path))) throw error
      throw asForeign(refusedJournal(this.labelOf(key), error))
    }
  }

  /** There is no such session, unless its shard is gone too. */
  #absent(key: SessionKey): undefined {
    this.#lookAgainAt(shardOf(key))
    return undefined
  }

  /** A shard that was there before may have been removed since, alone or with everything. */
  #lookAgainAt(shard: string): void {
    this.#safeShards.delete(shard)
    this.#checkShard(shard)
  }

  #refuseForeign(status: FileStatus, key: SessionKey): void {
    if (isOurs(REGULAR, status) && status.nlink <= 1) return
    const error = refusedJournal(this.labelOf(key))
    throw isOurs(REGULAR, status) ? error : asForeign(error)
  }

  /** Of what can't be opened. */
  #isForeign(path: string): boolean {
    try {
      return !isOurs(REGULAR, this.#files.pathStatus(path))
    } catch {
      return false // that it can't be opened says more
    }
  }
}

/** What is of another kind or another user's can hold no session. All else may, and no listing is to leave it out. */
function isOurs(kind: number, { mode, uid }: FileStatus): boolean {
  return (mode & KIND) === kind && uid === (process.geteuid?.() ?? uid)
}
