import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGE = readFileSync(join(ROOT, 'docs', 'testing.md'), 'utf8')

/** The files that docs/testing.md shows, by their names. */
export const shown = new Map(
  [...PAGE.matchAll(/^```js (\S+)\n(.*?)^```$/gms)].map(([, name, code]) => [name!, code!]),
)

/** A reader's project with all of these files, the package, and what is named, from a folder of packages. */
export function readersProject(packages: Record<string, string> = {}): string {
  const project = mkdtempSync(join(tmpdir(), 'untorn-testing-'))
  onTestFinished(() => rmSync(project, { recursive: true, force: true }))
  const ofRoot = join(ROOT, 'node_modules')
  const linked = { express: ofRoot, vitest: ofRoot, ...packages }
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(ROOT, join(project, 'node_modules', 'untorn'))
  for (const [name, from] of Object.entries(linked)) {
    const link = join(project, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(from, name), link)
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  for (const [name, code] of shown) writeFileSync(join(project, name), code)
  return project
}
