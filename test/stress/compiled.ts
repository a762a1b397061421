import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The scripts of the processes, as plain JavaScript. */
export interface Compiled {
  folder: string
  worker: string
  audit: string
  remove(): void
}

/**
 * Compiles children/ into a folder with a copy of the package as it ships, which they import by its name: whoever
 * builds it anew during a long run does no harm. What they take from src/ is led to the same copy.
 */
export function compileChildren(): Compiled {
  const folder = mkdtempSync(join(ROOT, 'dist-stress-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const project = join(ROOT, 'test', 'stress', 'children')
    execFileSync(process.execPath, [compiler, '-p', project, '--outDir', folder], { stdio: 'inherit' })
    for (const name of ['package.json', 'dist'])
      cpSync(join(ROOT, name), join(folder, name), { recursive: true })
    rmSync(join(folder, 'src'), { recursive: true })
    symlinkSync('dist', join(folder, 'src'))
  } catch (error) {
    remove()
    throw error
  }
  const script = (name: string): string => join(folder, 'test', 'stress', 'children', `${name}.js`)
  return { folder, worker: script('worker'), audit: script('audit'), remove }
}
