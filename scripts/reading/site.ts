import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import type { Frame, ScriptCoverage } from './visits.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A process with an application over src/, each file of which is a module of its own without its types. */
export class Site {
  readonly folder: string
  readonly #child: ChildProcess

  private constructor(folder: string) {
    this.folder = folder
    this.#child = fork(join(folder, 'visits.js'), { execArgv: [] })
  }

  static async start(): Promise<Site> {
    // Inside of the package, where modules from npm are found.
    const folder = mkdtempSync(join(ROOT, 'dist-reading-'))
    try {
      const entries = { '.': './src/index.js', './*': './src/*.js' }
      writeFileSync(
        join(folder, 'package.json'),
        JSON.stringify({ name: 'untorn', type: 'module', exports: entries }),
      )
      for (const file of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })) {
        if (file.endsWith('.ts')) withoutTypes(join(ROOT, 'src', file), join(folder, 'src', file))
      }
      withoutTypes(join(ROOT, 'scripts/reading/visits.ts'), join(folder, 'visits.ts'))
      const site = new Site(folder)
      await site.#answer()
      return site
    } catch (error) {
      rmSync(folder, { recursive: true })
      throw error
    }
  }

  /** What ran of each file in one request to `path`. */
  async request(path: string): Promise<ScriptCoverage[]> {
    this.#child.send({ path })
    return (await this.#answer()) as ScriptCoverage[]
  }

  /** The frames between the handler of `path` and its first call of `to`, innermost first. */
  async stack(path: string, to: string): Promise<Frame[]> {
    this.#child.send({ path, to })
    return (await this.#answer()) as Frame[]
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect()
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
    rmSync(this.folder, { recursive: true })
  }

  async #answer(): Promise<unknown> {
    const ended = new AbortController()
    const { signal } = ended
    try {
      const exit = once(this.#child, 'exit', { signal }).then(([code]) => {
        throw new Error(`The application ended, with code ${code}.`)
      })
      const [answer] = await Promise.race([once(this.#child, 'message', { signal }), exit])
      return answer
    } finally {
      ended.abort()
    }
  }
}

/** Writes a file as JavaScript, with its map beside it. What is imported is renamed to as long a name: the map still fits. */
function withoutTypes(from: string, to: string): void {
  const path = to.replace(/\.ts$/, '.js')
  const { code, map } = transformSync(readFileSync(from, 'utf8'), {
    loader: 'ts',
    target: 'node20',
    sourcemap: 'external',
    sourcefile: from,
  })
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, code.replace(/((?:from|import)\s*\(?\s*"\.[^"]*)\.ts"/g, '$1.js"'))
  writeFileSync(`${path}.map`, map)
}
