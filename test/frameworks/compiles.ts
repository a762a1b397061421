import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')

/** That all of a framework's folder compiles, and the uses that it calls wrong don't. */
export function compiles(folder: string): void {
  test('what is right compiles, and what is wrong does not', { timeout: 120_000 }, () => {
    const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    // Other tests have the other cores.
    const args = [compiler, '-p', folder, '--noEmit', '--singleThreaded']
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect(stdout).toBe('')
  })
}
