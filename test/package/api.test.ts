import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Declarations } from '../../scripts/api/declarations.ts'
import { reportFile, reports } from '../../scripts/api/report.ts'
import { entries, ROOT } from './installed.ts'

const FOLDER = join(ROOT, 'docs/api')

const all = [...entries].map(([name, { types }]) => ({ name, types }))

describe('the public API', () => {
  test.each([...reports(ROOT, all)])('of %s is the one in docs/api', (name, text) => {
    const known = readFileSync(join(FOLDER, reportFile(name)), 'utf8')
    expect(known, 'Look at what has changed, and run npm run api.').toBe(text)
  })

  test('is reported of no entry that is not there', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(all.map(({ name }) => reportFile(name)).sort())
  })

  test.each(all)('of $name says of each thing what it is', ({ types }) => {
    const exported = new Declarations().exportedBy(join(ROOT, types)).filter(({ name }) => name !== 'global')
    const told = new Set(exported.filter(({ comment }) => comment.startsWith('/**')).map(({ name }) => name))
    expect(exported.length).toBeGreaterThan(0)
    expect(exported.map(({ name }) => name).filter((name) => !told.has(name))).toEqual([])
  })

  test('shows nothing that is marked as internal', () => {
    const texts = [...reports(ROOT, all).values()].join()
    expect(texts).toContain('class RedisStore')
    for (const internal of ['needsCookie', 'RedisCommands', 'SessionActions', 'CallsOptions']) {
      expect(texts).not.toContain(internal)
    }
  })
})
