// Compiles src/ to dist/. A build into a folder beside it and two renames, so that a program that runs from dist/
// while another one builds never imports half of it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const next = mkdtempSync(join(root, 'dist-'))
try {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', next]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  const dist = join(root, 'dist')
  if (existsSync(dist)) renameSync(dist, join(next, '.previous'))
  renameSync(next, dist)
  rmSync(join(dist, '.previous'), { recursive: true, force: true })
} finally {
  rmSync(next, { recursive: true, force: true })
}
