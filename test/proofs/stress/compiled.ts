import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const CHILDREN = ['worker', 'audit'] as const

/** The scripts of the processes, as plain JavaScript. */
export interface Compiled {
  folder: string
  worker: string
  audit: string
  remove(): void
}

/**
 * Bundles each of children/ with what it takes of src/ into a file: what it imports by the name of the package and what it takes
 * from src/ is one copy, whoever builds dist/ anew during a long run does no harm, and of the processes that are killed all the
 * time each starts with one file.
 */
export function compileChildren(): Compiled {
  const folder = mkdtempSync(join(ROOT, 'dist-stress-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    buildSync({
      absWorkingDir: ROOT,
      entryPoints: CHILDREN.map((name) => join('test', 'proofs', 'stress', 'children', `${name}.ts`)),
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      // Which leads the name of the package to src/.
      tsconfig: 'tsconfig.json',
      sourcemap: 'inline',
      logLevel: 'warning',
    })
  } catch (error) {
    remove()
    throw error
  }
  const script = (name: (typeof CHILDREN)[number]): string => join(folder, `${name}.mjs`)
  return { folder, worker: script('worker'), audit: script('audit'), remove }
}
