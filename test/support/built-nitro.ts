import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Where a build goes: what is built in the end, and what only the build needs. */
export interface BuildFolders {
  built: string
  work: string
}

/** An application that Nitro builds when it is first loaded. Each loading has a process's modules anew. */
export class BuiltNitro<Site> {
  readonly #folder = mkdtempSync(join(tmpdir(), 'untorn-nitro-'))
  readonly #folders: BuildFolders = { built: join(this.#folder, 'built'), work: join(this.#folder, 'work') }
  readonly #build: (folders: BuildFolders) => Promise<void>
  readonly #exported: string
  #building: Promise<void> | undefined
  #loaded = 0
  /** One after another, as each finds its site in the process. */
  #last: Promise<unknown> = Promise.resolve()

  /** `exported`: the name under which the built server has what answers requests. */
  constructor(build: (folders: BuildFolders) => Promise<void>, exported: string) {
    this.#build = build
    this.#exported = exported
  }

  load(site: Site): Promise<RequestListener> {
    const loading = this.#last.then(() => this.#load(site))
    // Its caller is told.
    this.#last = loading.catch(() => {})
    return loading
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #load(site: Site): Promise<RequestListener> {
    this.#building ??= this.#build(this.#folders)
    await this.#building
    const copy = join(this.#folder, `loaded-${this.#loaded++}`)
    cpSync(this.#folders.built, copy, { recursive: true })
    Object.assign(globalThis, { untornNitro: site })
    const entry = pathToFileURL(join(copy, 'server', 'index.mjs')).href
    const server = await withoutItsListeners<Record<string, RequestListener>>(() => import(entry))
    return server[this.#exported]!
  }
}

const EVENTS = ['unhandledRejection', 'uncaughtException'] as const

/** It is made to have a process for itself, and listens for the errors of all of it: a process of tests has others. */
async function withoutItsListeners<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  const before = new Set<unknown>(EVENTS.flatMap((event) => process.rawListeners(event)))
  const loaded = await load()
  for (const event of EVENTS)
    for (const added of process.rawListeners(event))
      if (!before.has(added)) process.removeListener(event, added as () => void)
  return loaded
}
