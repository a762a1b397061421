import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { toolOf } from '../package/tool.ts'
import { readersProject } from './testing.ts'

const SUPERTEST = fileURLToPath(new URL('../frameworks/supertest/node_modules', import.meta.url))

function run(project: string, ...args: string[]): string {
  const { PATH, HOME } = process.env
  return execFileSync(process.execPath, args, {
    cwd: project,
    encoding: 'utf8',
    env: { PATH, HOME },
    stdio: 'pipe',
  })
}

test('the tests for vitest of docs/testing.md pass', () => {
  const project = readersProject()
  writeFileSync(join(project, 'vitest.config.js'), "export default { test: { include: ['cart.vitest.js'] } }")
  const said = run(project, join(project, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=json')
  expect(JSON.parse(said.slice(said.indexOf('{')))).toMatchObject({ numPassedTests: 2, numFailedTests: 0 })
})

const isThere = existsSync(join(SUPERTEST, 'supertest'))
const missing = 'as supertest is not installed: npm --prefix test/frameworks/supertest ci'

test.skipIf(!isThere)(`those for supertest pass ${isThere ? '' : missing}`, () => {
  const said = run(
    readersProject({ supertest: SUPERTEST }),
    '--test',
    '--test-reporter=tap',
    'cart.supertest.js',
  )
  expect(said).toMatch(/^# pass 3$/m)
})

const jest = toolOf('jest', 'jest/bin/jest.js')

test.skipIf(jest.missing)(`those for Jest pass ${jest.missing ?? ''}`, () => {
  const project = readersProject()
  const config = { rootDir: project, testEnvironment: 'node', transform: {}, testMatch: ['**/cart.jest.cjs'] }
  const args = [jest.path, '--ci', '--runInBand', '--json', '--config', JSON.stringify(config)]
  expect(JSON.parse(run(project, ...args))).toMatchObject({ numPassedTests: 2, numFailedTests: 0 })
})
