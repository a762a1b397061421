import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The scripts of the processes, as plain JavaScript. */
export interface Compiled {
  folder: string
  worker: string
  audit: string
  remove(): void
}

/**
 * Compiles children/, and src/ with them, into a folder that is a package of the same name: what they import by it and
 * what they take from src/ is one copy, and whoever builds dist/ anew during a long run does no harm.
 */
export function compileChildren(): Compiled {
  const folder = mkdtempSync(join(ROOT, 'dist-stress-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const project = join(ROOT, 'test', 'proofs', 'stress', 'children')
    execFileSync(process.execPath, [compiler, '-p', project, '--outDir', folder], { stdio: 'inherit' })
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
    symlinkSync('src', join(folder, 'dist'))
  } catch (error) {
    remove()
    throw error
  }
  const script = (name: string): string => join(folder, 'test', 'proofs', 'stress', 'children', `${name}.js`)
  return { folder, worker: script('worker'), audit: script('audit'), remove }
}
