import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const TSC = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))

test('the types fit those of ws and Socket.IO, and wrong uses do not compile', () => {
  const compile = () =>
    execFileSync(process.execPath, [TSC, '-p', FOLDER], { encoding: 'utf8', stdio: 'pipe' })
  try {
    expect(compile()).toBe('')
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout ?? String(error))
  }
})
