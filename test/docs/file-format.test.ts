import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SessionKey } from '../../src/contract/key.ts'
import type { SessionRecord } from '../../src/contract/record.ts'
import { decodeLines, encodeLine, type Line, type LineRead } from '../../src/stores/file/journal/line.ts'
import { BLANK, fateOf, type JournalState, replay } from '../../src/stores/file/journal/replay.ts'
import { damagedJournal, KEY } from '../stores/file/bytes/arbitrary-journals.ts'
import { same } from '../stores/file/bytes/same.ts'
import type { Expected } from '../stores/file/golden/expected.ts'
import { newKey } from '../support/records.ts'
import { inWhole } from '../support/whole.ts'

const DOCS = new URL('../../docs/', import.meta.url)
const PAGE = readFileSync(new URL('file-format.md', DOCS), 'utf8')
const PROGRAM = new URL('read-journal.mjs', DOCS)
const GOLDEN = new URL('../stores/file/golden/journals/', import.meta.url)

/** The cells of the table whose head begins with these, one row after the other. */
function table(...head: string[]): string[][] {
  const lines = PAGE.split('\n')
  const first = lines.findIndex((line) => line.startsWith(`| ${head.join(' | ')} |`))
  expect(first, `the table "${head.join(' | ')}"`).not.toBe(-1)
  const rest = lines.slice(first + 2)
  const cells = rest.slice(
    0,
    rest.findIndex((line) => !line.startsWith('|')),
  )
  return cells.map((row) => row.split('|').map((cell) => cell.trim())).map((row) => row.slice(1, -1))
}

const sample = /^```journal\n(.*?)\n^```$/ms.exec(PAGE)![1]!
const bytes = Buffer.from(`\n${sample}`)
const { lines, consumed } = decodeLines(bytes)

const recordIn = (state: JournalState): SessionRecord | undefined =>
  state.phase === 'open' || state.phase === 'sealed' ? state.record : undefined

describe('the journal that the page of the file format shows', () => {
  test('is what the code writes, byte for byte, and reads', () => {
    expect(lines.map(({ kind }) => kind)).toEqual(['base', 'change', 'change', 'change', 'end', 'change'])
    expect(consumed).toBe(bytes.length)
    expect(Buffer.concat((lines as Line[]).map(encodeLine)).equals(bytes)).toBe(true)
  })

  test('has the length and the checksum that are said of its first line', () => {
    const [, length, checksum] = /has (\d+) bytes of text and the checksum\s+`(\w+)`/.exec(PAGE)!
    const first = sample.split('\n')[0]!
    expect([first.length - 8, first.slice(0, 8)]).toEqual([Number(length), checksum])
  })

  test('means what the table below it says', () => {
    let state = BLANK
    const said = table('line', 'its fate', 'version then').map((row) => row.slice(0, 3))
    const found = lines.map((line, n) => {
      const fate = fateOf(state, line)
      state = replay(state, [line])
      return [`${n + 1}`, fate, `${recordIn(state)?.version ?? ''}`]
    })
    expect(found).toEqual(said)
  })
})

describe('the states that the page of the file format tells of', () => {
  const holder = { pid: 1, thread: 1, started: '', boot: '', space: '', store: '' }
  const base: LineRead = { kind: 'base', format: 1, version: 0, created: 1, expires: 9, values: [] }
  const seal: LineRead = { kind: 'seal', id: 'a', holder }
  const end: LineRead = { kind: 'end', id: 'b' }
  const NEXT: Record<string, LineRead> = {
    base,
    change: { kind: 'change', id: 'c', at: 1, set: ['n', '1'] },
    end,
    claim: { kind: 'end', id: 'd', ifExpires: -1 },
    seal: { ...seal, id: 'e' },
    're-seal': { ...seal, id: 'f', replaces: 'a' },
    damaged: { kind: 'damaged' },
  }
  const BEFORE: Record<string, LineRead[]> = {
    blank: [],
    void: [{ kind: 'damaged' }],
    open: [base],
    sealed: [base, seal],
    ended: [base, end],
  }

  test.each(table('state', ...Object.keys(NEXT)))('are those of the code: %s', (phase, ...cells) => {
    expect(replay(BLANK, BEFORE[phase]!).phase).toBe(phase)
    for (const [n, [name, line]] of Object.entries(NEXT).entries()) {
      const after = replay(replay(BLANK, BEFORE[phase]!), [line])
      expect(after.phase, name).toBe(cells[n] || phase)
    }
  })

  test('are all there are', () => {
    expect(table('state', ...Object.keys(NEXT)).map(([phase]) => phase)).toEqual(Object.keys(BEFORE))
  })
})

/** What the program shows of a journal. */
interface Shown {
  phase: string
  record: {
    version: number
    created: number
    expires: number
    owner: string | null
    values: Map<string, string>
  } | null
}

describe('the program beside the page of the file format', async () => {
  const { readJournal } = (await import(PROGRAM.href)) as {
    readJournal(bytes: Uint8Array, key?: string): Shown
  }

  function asTheCodeReads(journal: Buffer, key?: SessionKey): Shown {
    const state = replay(BLANK, decodeLines(journal).lines, key)
    const record = recordIn(state)
    if (!record) return { phase: state.phase, record: null }
    const { version, createdAt: created, expiresAt: expires, owner = null, values } = record
    return { phase: state.phase, record: { version, created, expires, owner, values: new Map(values) } }
  }

  const names = readdirSync(GOLDEN).filter((name) => name.endsWith('.journal'))
  test.each(names)('reads %s as the code does', (name) => {
    const journal = readFileSync(new URL(name, GOLDEN))
    const { key } = JSON.parse(
      readFileSync(new URL(name.replace('.journal', '.json'), GOLDEN), 'utf8'),
    ) as Expected
    for (const under of [undefined, key as SessionKey | undefined, newKey()])
      same(readJournal(journal, under), asTheCodeReads(journal, under))
  })

  test('reads any journal as the code does, damaged ones too', () => {
    const met = new Set<string>()
    fc.assert(
      fc.property(damagedJournal, ({ bytes }) => {
        const shown = readJournal(bytes)
        met.add(shown.phase)
        same(shown, asTheCodeReads(bytes))
        same(readJournal(bytes, KEY), asTheCodeReads(bytes, KEY))
      }),
      { numRuns: inWhole(2000, 700) },
    )
    expect([...met].sort()).toEqual(['blank', 'ended', 'open', 'sealed', 'void'])
  })

  test('shows a session file to whoever calls it', () => {
    const file = fileURLToPath(new URL('1-owner.journal', GOLDEN))
    const said = execFileSync(process.execPath, [fileURLToPath(PROGRAM), file], { encoding: 'utf8' })
    expect(said).toContain("owner: 'eve'")
  })
})
