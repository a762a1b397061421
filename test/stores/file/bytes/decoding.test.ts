import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeLines, encodeLine, type Line } from '../../../../src/stores/file/journal/line.ts'
import {
  BLANK,
  type Fate,
  fateOf,
  type JournalState,
  replay,
} from '../../../../src/stores/file/journal/replay.ts'
import { inWhole } from '../../../support/whole.ts'
import { bytesOf, damagedJournal, journal } from './arbitrary-journals.ts'
import { same } from './same.ts'

const text = (line: Line): string => encodeLine(line).toString()

describe('the lines of a journal', () => {
  test('are read as they were written, whatever they carry', () => {
    fc.assert(
      fc.property(journal, (lines) => {
        const bytes = bytesOf(lines)
        same(decodeLines(bytes), { lines, consumed: bytes.length, firstDamage: undefined })
      }),
      { numRuns: inWhole(1000, 300) },
    )
  })

  test('cut, spliced, flipped, doubled, zeroed and reordered yield none that nobody wrote, and end', () => {
    let readSome = 0
    fc.assert(
      fc.property(damagedJournal, ({ bytes, lines }) => {
        const before = Buffer.from(bytes)
        const read = decodeLines(bytes)
        const valid = read.lines.filter((line) => line.kind !== 'damaged')
        const written = new Set(lines.map(text))
        const foreign = valid.filter((line) => !written.has(text(line)))
        if (foreign.length > 0) expect(foreign).toEqual([])
        if (!bytes.equals(before) || read.consumed > bytes.length) expect.unreachable()
        if (valid.length > 1) readSome++
      }),
      { numRuns: inWhole(2000, 700) },
    )
    expect(readSome).toBeGreaterThan(inWhole(300, 100))
  })

  test('of pure noise are none', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.constantFrom(0x0a, 0, 0x30, 0x61, 0x7b, 0x22, 0x7d), { maxLength: 300 }),
    )
    fc.assert(
      fc.property(noise, (bytes) => {
        const { lines } = decodeLines(Buffer.from(bytes))
        expect(lines.filter((line) => line.kind !== 'damaged')).toEqual([])
      }),
      { numRuns: inWhole(1000, 300) },
    )
  })
})

/** Somebody who writes the right checksum, over anything. */
const forged = (json: string): Buffer => Buffer.from(`\n${crc32(json).toString(16).padStart(8, '0')}${json}`)

describe('a text with the right checksum that is no line of ours', () => {
  const change = '"kind":"change","id":"x","at":1'
  test.each([
    ...[
      'null',
      'true',
      '1',
      '"text"',
      '[]',
      '{}',
      '[{"kind":"end","id":"x"}]',
      '{"kind":1}',
      '{"kind":null}',
    ],
    ...[
      '{"kind":"constructor"}',
      '{"kind":"__proto__","id":"x"}',
      '{"kind":"damaged"}',
      '{"kind":"END","id":"x"}',
    ],
    '{"kind":"base","format":1,"version":0,"created":1,"expires":2,"values":["a"]}',
    '{"kind":"base","format":1,"version":0,"created":1,"expires":2,"values":{"a":"1"}}',
    '{"kind":"base","format":1,"version":0,"created":1,"expires":2,"values":[],"owner":null}',
    '{"kind":"base","format":2,"version":0,"created":1,"expires":2,"values":[]}',
    '{"kind":"base","format":"1","version":0,"created":1,"expires":2,"values":[]}',
    '{"kind":"base","format":1,"version":0,"created":1,"values":[]}',
    `{${change},"set":["a","1","b"]}`,
    `{${change},"set":["a",1]}`,
    `{${change},"set":"ab"}`,
    `{${change},"delete":"a"}`,
    `{${change},"delete":[null]}`,
    `{${change},"expires":"1"}`,
    `{${change},"expires":1e999}`,
    `{${change},"owner":5}`,
    `{${change},"ifVersion":null}`,
    '{"kind":"change","id":"x"}',
    '{"kind":"change","at":1}',
    '{"kind":"change","id":"x","at":-1e999}',
    '{"kind":"end"}',
    '{"kind":"end","id":["x"]}',
    '{"kind":"end","id":"x","ifExpires":"1"}',
    '{"kind":"seal","id":"x"}',
    '{"kind":"seal","id":"x","holder":null}',
    '{"kind":"seal","id":"x","holder":{"pid":"1","thread":1,"started":"","boot":"","space":"","store":""}}',
    '{"kind":"seal","id":"x","holder":[]}',
    '{"kind":"end","id":"x"',
    `{${change},"set":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    '['.repeat(1_000_000),
  ])('is skipped: %.60s', (json) => {
    const end = forged('{"kind":"end","id":"after"}')
    expect(decodeLines(Buffer.concat([forged(json), end])).lines).toEqual([
      { kind: 'damaged' },
      { kind: 'end', id: 'after' },
    ])
  })

  test('can not reach what all objects share', () => {
    const evil = [
      '{"kind":"change","id":"x","at":1,"__proto__":{"set":["polluted","1"],"ifVersion":9}}',
      '{"__proto__":{"kind":"end","id":"x"}}',
      '{"kind":"change","id":"x","at":1,"set":["__proto__","{\\"polluted\\":1}"],"delete":["constructor"]}',
    ]
    const base = forged('{"kind":"base","format":1,"version":0,"created":1,"expires":9,"values":[]}')
    const { lines } = decodeLines(Buffer.concat([base, ...evil.map(forged)]))
    const state = replay(BLANK, lines) as JournalState & { phase: 'open' }
    expect(state.phase).toBe('open')
    expect([...state.record.values]).toEqual([['__proto__', '{"polluted":1}']])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('what a journal means', () => {
  /** The fate of each line, for a reader who met the journal in pieces of these lengths. */
  function metInPieces(lines: readonly ReturnType<typeof decodeLines>['lines'][number][], lengths: number[]) {
    let state = BLANK
    const fates: Fate[] = []
    for (let from = 0, piece = 0; from < lines.length; piece++) {
      const to = from + (lengths[piece % lengths.length] ?? lines.length)
      let within = structuredClone(state) // replay builds its record up in place
      for (const line of lines.slice(from, to)) {
        fates.push(fateOf(within, line))
        within = replay(within, [line])
      }
      const next = replay(state, lines.slice(from, to))
      same(next, within)
      state = next
      from = to
    }
    return { state, fates }
  }

  test('is the same for every reader, however it met the lines: void for one is void for all, for good', () => {
    const met = new Map<Fate, number>()
    fc.assert(
      fc.property(
        damagedJournal,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }),
        ({ bytes }, cuts) => {
          const { lines } = decodeLines(bytes)
          const whole = metInPieces(lines, [Number.POSITIVE_INFINITY])
          same(metInPieces(lines, cuts), whole)
          same(metInPieces(lines, [1]), whole)
          if (whole.fates.includes('expired')) expect(whole.state).toEqual({ phase: 'ended' })
          for (const fate of whole.fates) met.set(fate, (met.get(fate) ?? 0) + 1)
        },
      ),
      { numRuns: inWhole(2000, 700) },
    )
    const fates: Fate[] = ['applied', 'conflict', 'expired', 'sealed', 'ended', 'void']
    expect(fates.filter((fate) => (met.get(fate) ?? 0) < inWhole(20, 5))).toEqual([])
  })

  test('holds no value that no line carried, and every value that the last line set', () => {
    fc.assert(
      fc.property(damagedJournal, ({ bytes, lines }) => {
        const state = replay(BLANK, decodeLines(bytes).lines)
        if (state.phase !== 'open' && state.phase !== 'sealed') return
        const carried = lines.flatMap((line) => {
          const flat = line.kind === 'base' ? line.values : line.kind === 'change' ? (line.set ?? []) : []
          return flat.flatMap((each, n) => (n % 2 === 0 ? [JSON.stringify([each, flat[n + 1]])] : []))
        })
        for (const entry of state.record.values) expect(carried).toContain(JSON.stringify(entry))
      }),
      { numRuns: inWhole(2000, 700) },
    )
  })
})
