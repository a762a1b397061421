import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, createNitro, prepare } from 'nitropack'
import { withoutItsListeners } from '../../../support/process-listeners.ts'
import type { NitroSite } from './site.ts'

const here = dirname(fileURLToPath(import.meta.url))

/** The application of this folder as `nitro build` makes it, with untorn as it ships. Each loading has a process's modules anew. */
export class NitroApp {
  readonly #folder = mkdtempSync(join(tmpdir(), 'untorn-nitro-'))
  #built: Promise<void> | undefined
  #loaded = 0
  /** One after another, as each finds its site in the process. */
  #last: Promise<unknown> = Promise.resolve()

  load(site: NitroSite): Promise<RequestListener> {
    const loading = this.#last.then(() => this.#load(site))
    this.#last = loading.catch(() => {})
    return loading
  }

  async #load(site: NitroSite): Promise<RequestListener> {
    this.#built ??= this.#build()
    await this.#built
    const copy = join(this.#folder, `loaded-${this.#loaded++}`)
    cpSync(join(this.#folder, 'built'), copy, { recursive: true })
    Object.assign(globalThis, { untornNitro: site })
    const entry = pathToFileURL(join(copy, 'server', 'index.mjs')).href
    const { listener } = await withoutItsListeners(() => import(entry))
    return listener
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #build(): Promise<void> {
    const nitro = await createNitro({
      rootDir: here,
      srcDir: '.',
      preset: 'node-listener',
      output: { dir: join(this.#folder, 'built') },
      buildDir: join(this.#folder, 'work'),
      compatibilityDate: '2025-01-01',
      logLevel: 1,
      sourceMap: false,
      typescript: { generateTsConfig: false },
      // What an application has in its node_modules, and nobody looks into for imports to add.
      imports: false,
      alias: {
        h3: join(here, '..', 'node_modules', 'h3v1', 'dist', 'index.mjs'),
        'untorn/h3': fileURLToPath(new URL('../../../../dist/h3.js', import.meta.url)),
      },
    })
    await prepare(nitro)
    await build(nitro)
    await nitro.close()
  }
}
