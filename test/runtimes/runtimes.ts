import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What runs JavaScript. */
export interface Runtime {
  readonly name: string
  /** The program, and what it is given before the file that it is to run. */
  readonly command: readonly [string, ...string[]]
}

const MACHINE = `${process.platform}-${process.arch}`

const ALL: readonly [name: string, file: string, ...args: string[]][] = [
  ['Node.js 20.19', `node-20-${MACHINE}/bin/node`],
  ['Node.js 22', `node-22-${MACHINE}/bin/node`],
  ['Node.js 24', `node-24-${MACHINE}/bin/node`],
  ['Node.js 26', `node-26-${MACHINE}/bin/node`],
  ['Bun', `bun-${MACHINE}/bin/bun`],
  ['Deno', `deno-${MACHINE}/deno`, 'run', '--allow-all'],
]

/** Those that are installed (`npm --prefix test/runtimes/binaries ci`); they come from npm, for the machines that it has them for. */
export const runtimes: readonly Runtime[] = ALL.flatMap(([name, file, ...args]) => {
  const path = fileURLToPath(new URL(`binaries/node_modules/${file}`, import.meta.url))
  return existsSync(path) ? [{ name, command: [path, ...args] as const }] : []
})

/** Those that are not. */
export const missing: readonly string[] = ALL.map(([name]) => name).filter(
  (name) => !runtimes.some((runtime) => runtime.name === name),
)
