import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const VARIABLE = 'UNTORN_TESTS_FOLDER'

/**
 * Makes the folder of a run of the tests: what several files need, and takes long to make, is made there once for all of
 * their processes ({@link madeOnce}). It is a package of the same name as this one, so that what is put there imports all
 * that this one can. Call what is returned to remove it.
 */
export function openRunFolder(): () => void {
  const folder = readable(mkdtempSync(join(tmpdir(), 'untorn-run-')))
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  for (const name of ['dist', 'node_modules']) symlinkSync(join(ROOT, name), join(folder, name))
  process.env[VARIABLE] = folder
  return () => {
    for (const each of [folder, besides(folder)])
      rmSync(each, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Whether this process belongs to a run of the tests: the bench and scripts use some of what tests share, too. */
export function isInRun(): boolean {
  return process.env[VARIABLE] !== undefined
}

/**
 * The path below the folder of the run at which `make` has put a file or a folder, which nobody changes any more. Of
 * processes that come at the same time each makes one, and the first counts.
 */
export function madeOnce(name: string, make: (path: string) => void): string {
  const folder = process.env[VARIABLE] ?? ownFolder()
  const path = join(folder, name)
  if (existsSync(path)) return path
  const next = readable(mkdtempSync(join(folder, 'next-')))
  try {
    make(join(next, name))
    renameSync(join(next, name), path)
  } catch (error) {
    if (!existsSync(path)) throw error
  } finally {
    rmSync(next, { recursive: true, force: true })
  }
  return path
}

/**
 * The same for what takes a minute, and what finds itself by its own path: who comes first makes it where it stays, and the others
 * wait. It has no package above it in which it would find what it lacks.
 */
export async function madeInPlace(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = join(besides(process.env[VARIABLE] ?? ownFolder()), name)
  const [made, failed] = [`${path}.made`, `${path}.failed`]
  if (isFirstToClaim(name)) {
    mkdirSync(path, { recursive: true })
    try {
      await make(path)
      writeFileSync(made, '')
    } catch (error) {
      writeFileSync(failed, '')
      throw error
    }
  }
  while (!existsSync(made)) {
    if (existsSync(failed))
      throw new Error(`${name} could not be made. The first test that needs it says why.`)
    await delay(50)
  }
  return path
}

function besides(folder: string): string {
  return `${folder}-in-place`
}

/** Whether no process of this run has claimed that name before: a port, say, that nobody has yet. */
export function isFirstToClaim(name: string): boolean {
  const folder = process.env[VARIABLE]
  if (folder === undefined) return true
  try {
    mkdirSync(join(folder, `claimed-${name}`))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

/** Of a process that vitest runs with another configuration, or without one. */
function ownFolder(): string {
  process.once('exit', openRunFolder())
  return process.env[VARIABLE]!
}

/** Servers of root's run as another user. */
function readable(folder: string): string {
  chmodSync(folder, 0o755)
  return folder
}
