import type { Files } from './files.ts'

/** Files read ahead side by side. One thread of the pool's four is left to syncs, and to others. */
const MOST_READ = 3

/**
 * Files that are brought into the page cache before they are opened: each once, however many wait for it, and few at a
 * time, as each takes a descriptor.
 */
export class WarmUp {
  readonly #files: Files
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #waiting: (() => void)[] = []
  #free = MOST_READ

  constructor(files: Files) {
    this.#files = files
  }

  /** Never rejects: a file that can't be read is for whoever opens it to report, or to find absent. */
  warm(path: string): Promise<void> {
    let warming = this.#underWay.get(path)
    if (!warming) {
      warming = this.#inTurn(path)
      this.#underWay.set(path, warming)
    }
    return warming
  }

  async #inTurn(path: string): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      await this.#files.warm(path)
    } catch {
      // Whoever opens the file is told the same.
    }
    this.#underWay.delete(path)
    const next = this.#waiting.shift()
    if (next) next()
    else this.#free++
  }
}
