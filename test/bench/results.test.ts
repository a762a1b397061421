import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readResults, writeResult } from '../../bench/report/results.ts'
import { isMet } from '../../bench/suite.ts'
import { resultOf, targetOf } from './fixture.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'untorn-results-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('the results file', () => {
  it('keeps the other suites when one is measured again', () => {
    const path = join(directory, 'merged.json')
    writeResult(path, resultOf({ suite: 'store', seconds: 1 }))
    writeResult(path, resultOf({ suite: 'http', seconds: 2 }))
    writeResult(path, resultOf({ suite: 'store', seconds: 3 }))
    const seconds = readResults(path).suites.map(({ suite, seconds }) => [suite, seconds])
    expect(Object.fromEntries(seconds)).toEqual({ http: 2, store: 3 })
    expect(seconds).toHaveLength(2)
    expect(readdirSync(directory)).toEqual(['merged.json'])
  })

  it('is refused in another format, and left as it is', () => {
    const path = join(directory, 'older.json')
    writeFileSync(path, JSON.stringify({ format: 0, suites: [] }))
    expect(() => readResults(path)).toThrow('format 0')
    expect(() => writeResult(path, resultOf())).toThrow('format 0')
  })
})

describe('a target', () => {
  it('is met by its bound itself, and by what is better', () => {
    expect(isMet(targetOf({ limit: 'at most', bound: 2, value: 2 }))).toBe(true)
    expect(isMet(targetOf({ limit: 'at most', bound: 2, value: 2.01 }))).toBe(false)
    expect(isMet(targetOf({ limit: 'at least', bound: 2, value: 2 }))).toBe(true)
    expect(isMet(targetOf({ limit: 'at least', bound: 2, value: 1.99 }))).toBe(false)
  })
})
