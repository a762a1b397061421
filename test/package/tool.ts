import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * A program that others use the package with, and this repository does not: it is installed by
 * `npm --prefix test/package/consumers ci`. Without it tests are skipped, and say why; where `CI` is set they fail, as
 * nobody would see the skip there.
 */
export function toolOf(name: string, file: string): { path: string; missing?: string } {
  const path = fileURLToPath(new URL(`consumers/node_modules/${file}`, import.meta.url))
  if (existsSync(path)) return { path }
  const missing = `(${name} is not there: npm --prefix test/package/consumers ci)`
  if (process.env.CI) throw new Error(missing)
  return { path, missing }
}
