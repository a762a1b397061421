import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TESTS = join(ROOT, 'test/security')

/** The lines of V7 and V3.3, by their sections, and the last of each. */
const SECTIONS = { '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 3, '7.6': 2, '3.3': 5 }
const LINES = Object.entries(SECTIONS).flatMap(([section, last]) =>
  Array.from({ length: last }, (_each, index) => `${section}.${index + 1}`),
)
const KINDS = ['enforced', 'offered', 'documented', "the application's"]

interface Row {
  line: string
  level: string
  kind: string
  does: string
  test: string
}

const rows: Row[] = [
  ...readFileSync(join(ROOT, 'docs/security.md'), 'utf8').matchAll(/^\| (\d+\.\d+\.\d+) \|(.*)\|$/gm),
].map(([, line, rest]) => {
  const [level, _asks, kind, does, file] = rest!.split('|').map((cell) => cell.trim())
  return { line: line!, level: level!, kind: kind!, does: does!, test: file! }
})

/** The lines that a file of tests is about, by how its suites are called. */
function linesIn(file: string): string[] {
  const suites = readFileSync(join(TESTS, file), 'utf8').matchAll(/\bdescribe\(['"`](\d+\.\d+\.\d+) /g)
  return [...suites].map(([, line]) => line!)
}

describe('the table of OWASP ASVS', () => {
  test('has each line, once and in order', () => {
    expect(LINES).toHaveLength(24)
    expect(rows.map(({ line }) => line)).toEqual(LINES)
  })

  test.each(rows)('$line is in the test that it names', ({ line, test }) => {
    const [, name] = /^`security\/([\w-]+)`$/.exec(test) ?? []
    expect(linesIn(`${name}.test.ts`)).toContain(line)
  })

  test.each(rows)('$line says what is done, and by whom', ({ level, kind, does }) => {
    expect(level).toMatch(/^[123]$/)
    expect(KINDS).toContain(kind)
    expect(does).toMatch(/.{20,}\.$/)
  })

  test('no test is about a line that the table sends elsewhere', () => {
    const files = readdirSync(TESTS).filter((file) => file.endsWith('.test.ts'))
    const tested = files.flatMap((file) => linesIn(file).map((line) => `${line} ${file}`))
    const named = rows.map(({ line, test }) => `${line} ${test.slice('`security/'.length, -1)}.test.ts`)
    expect([...new Set(tested)].sort()).toEqual(named.sort())
  })

  test('22 of them are enforced or offered', () => {
    const done = rows.filter(({ kind }) => kind === 'enforced' || kind === 'offered')
    expect(done).toHaveLength(22)
  })
})
