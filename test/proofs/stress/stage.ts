import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Compiled } from './compiled.ts'
import { type Keeper, startKeeper } from './keeper.ts'
import { ArgumentError } from './options.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'

/** What is set up for a run and has to go with it, however it ends. */
export class Stage {
  readonly directory: string
  readonly disk: SmallDisk | undefined
  readonly compiled: Compiled
  readonly keeper: Keeper
  /** Ends what processes there are. */
  killAll = (): void => {}
  readonly #isTemporary: boolean
  readonly #onExit = (): void => this.#tearDown(this.#isTemporary)

  /** `directory`: where the sessions go; undefined: to a temporary one. */
  constructor(directory: string | undefined, compiled: Compiled) {
    this.#isTemporary = directory === undefined
    this.directory = directory === undefined ? temporaryDirectory() : emptyDirectory(directory)
    this.compiled = compiled
    this.disk = mountSmallDisk(join(this.directory, 'small-disk'))
    this.keeper = startKeeper(compiled.folder, this.disk?.path)
    process.once('exit', this.#onExit)
  }

  /** `keep`: the directory stays. */
  async strike(keep: boolean): Promise<void> {
    process.removeListener('exit', this.#onExit)
    this.#tearDown(!keep)
    await this.keeper.end()
  }

  #tearDown(remove: boolean): void {
    this.killAll()
    this.disk?.unmount()
    this.compiled.remove()
    const garbage = remove ? this.directory : this.disk?.path
    if (garbage !== undefined) rmSync(garbage, { recursive: true, force: true })
  }
}

function temporaryDirectory(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'untorn-stress-')))
}

function emptyDirectory(path: string): string {
  mkdirSync(path, { recursive: true })
  if (readdirSync(path).length > 0) throw new ArgumentError(`--directory "${resolve(path)}" is not empty.`)
  return realpathSync(path)
}
