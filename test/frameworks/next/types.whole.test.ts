import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('types', import.meta.url))
const compiler = join(FOLDER, '..', '..', '..', '..', 'node_modules', 'typescript', 'bin', 'tsc')

test('what has to compile does, and what must not does not', () => {
  expect(execFileSync(process.execPath, [compiler, '-p', FOLDER], { encoding: 'utf8' })).toBe('')
})
