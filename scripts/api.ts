// Writes docs/api/, which says in one text for each entry what an application can use of it: npm run api
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Entry, reportFile, reports } from './api/report.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'docs/api')
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string }>
}
const entries = Object.entries(exports).flatMap(([path, entry]): Entry[] =>
  typeof entry === 'string' ? [] : [{ name: path.replace('.', 'untorn'), types: entry.types }],
)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
for (const [name, text] of reports(root, entries)) writeFileSync(join(folder, reportFile(name)), text)
