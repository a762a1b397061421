import { manifestOf } from './directory.ts'
import type { FileStatus, Files } from './files.ts'
import { isMissing } from './system-error.ts'

/** Which directory a start has made ready: another one may have its path later. */
export interface ReadyDirectory extends Pick<FileStatus, 'dev' | 'ino'> {
  /** With every symlink on it followed. */
  readonly path: string
}

/**
 * The directory of a store that runs. It guards which one it is, so that the absence of all sessions is told apart from
 * that of the directory: a volume that was unmounted leaves a directory at the same path, and a directory that was moved
 * away may come back.
 */
export class Root {
  readonly path: string
  readonly #files: Files
  readonly #ready: ReadyDirectory
  readonly #restoreManifest: () => void

  /** @param restoreManifest writes it, as a start does */
  constructor(files: Files, ready: ReadyDirectory, restoreManifest: () => void) {
    this.path = ready.path
    this.#files = files
    this.#ready = ready
    this.#restoreManifest = restoreManifest
  }

  /**
   * Throws where the directory is gone, which is a failure and no absence. Without its manifest it is there as long as it
   * is the same one: somebody cleans in it, and it gets its manifest back, for the starts and the sweeps of all. Another
   * one at its path needs a manifest to be believed: then somebody has made it for sessions.
   */
  assertThere(): void {
    try {
      this.#files.pathStatus(manifestOf(this.path))
      return
    } catch (error) {
      if (!isMissing(error)) throw error
      const { dev, ino } = this.#files.pathStatus(this.path)
      if (dev !== this.#ready.dev || ino !== this.#ready.ino) throw error
    }
    this.#restore()
  }

  /**
   * Does something with the manifest, which may have to be made again first. `without` is the answer where it can't be
   * made: a sweep of a full disk is what makes room for it.
   */
  withManifest<T>(act: () => T, without: T): T {
    try {
      return act()
    } catch (error) {
      if (!isMissing(error)) throw error
      this.assertThere()
    }
    try {
      return act()
    } catch (error) {
      if (!isMissing(error)) throw error
      return without
    }
  }

  /** For who asks, all is well without it: where it can't be written now, the next one to ask tries again. */
  #restore(): void {
    try {
      this.#restoreManifest()
    } catch {
      // The directory is there all the same.
    }
  }
}
