import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { readersProject, shown } from './testing.ts'

test('docs/testing.md has a file for each runner, and all of them are run here or in the whole run', () => {
  expect([...shown.keys()]).toEqual([
    'app.js',
    'cart.node.js',
    'cart.vitest.js',
    'cart.supertest.js',
    'cart.jest.cjs',
  ])
})

test('its tests for node:test pass', () => {
  const args = ['--test', '--test-reporter=tap', 'cart.node.js']
  const said = execFileSync(process.execPath, args, { cwd: readersProject(), encoding: 'utf8', env: {} })
  expect(said).toMatch(/^# pass 4$/m)
})
