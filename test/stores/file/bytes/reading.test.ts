import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AppendedLine, Journal } from '../../../../src/stores/file/journal/journal.ts'
import { decodeLines, encodeLine, type Line } from '../../../../src/stores/file/journal/line.ts'
import { BLANK, type Fate, fateOf, replay } from '../../../../src/stores/file/journal/replay.ts'
import { inWhole } from '../../../support/whole.ts'
import { bytesOf, damagedJournal, journal, KEY, place } from './arbitrary-journals.ts'
import { FileInMemory } from './file-in-memory.ts'
import { same } from './same.ts'

const open = (file: FileInMemory): Journal => new Journal(file.files, 3, KEY)

/** What a journal says of bytes that it reads in one go. */
function readWhole(bytes: Buffer): Journal {
  const file = new FileInMemory()
  file.append(bytes)
  const read = open(file)
  read.refresh()
  return read
}

/** What appends leave, among them torn ones, and zeros of a page that power loss took. */
const appended = fc
  .tuple(journal, fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat(), fc.boolean()), { maxLength: 4 }))
  .map(([lines, accidents]) => {
    const appends = lines.map(encodeLine)
    for (const [where, length, zeros] of accidents) {
      const line = appends[where % appends.length]!
      const accident = zeros
        ? Buffer.alloc(1 + (length % 9))
        : line.subarray(0, 1 + (length % (line.length - 1)))
      appends.splice(1 + (where % appends.length), 0, accident)
    }
    return Buffer.concat(appends)
  })

const places = fc.array(place, { maxLength: 12 })

describe('a journal that grows while it is read', () => {
  test('says the same, into however many readings its growth is cut, and at whatever byte', () => {
    let cutInALine = 0
    fc.assert(
      fc.property(appended, places, (bytes, cuts) => {
        const file = new FileInMemory()
        const read = open(file)
        const ends = [...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length].sort(
          (a, b) => a - b,
        )
        let from = 0
        for (const end of ends) {
          file.append(bytes.subarray(from, end))
          from = end
          read.refresh()
          if (read.offset < read.size) cutInALine++
        }
        const whole = readWhole(bytes)
        same(read.state, whole.state)
        expect(read.size).toBe(whole.size)
      }),
      { numRuns: inWhole(700, 200) },
    )
    expect(cutInALine).toBeGreaterThan(inWhole(500, 100))
  })

  test('says what its lines say: a reader adds nothing to them', () => {
    fc.assert(
      fc.property(damagedJournal, ({ bytes }) => {
        same(readWhole(bytes).state, replay(BLANK, decodeLines(bytes).lines, KEY))
      }),
      { numRuns: inWhole(500, 150) },
    )
  })

  test('never throws and never goes round for ever, whatever is appended and whenever it is read', () => {
    const pieces = fc.array(
      fc.oneof(
        damagedJournal.map(({ bytes }) => bytes),
        fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      ),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(pieces, (all) => {
        const file = new FileInMemory()
        const read = open(file)
        for (const piece of all) {
          file.append(piece)
          expect(read.refresh()).toBe('current')
          expect(read.offset).toBeLessThanOrEqual(file.bytes.length)
          expect(read.size).toBe(file.bytes.length)
        }
      }),
      { numRuns: inWhole(500, 150) },
    )
  })

  test('longer than any buffer, is read whole', () => {
    const long = { kind: 'change', id: 'x', at: 0, set: ['text', 'x'.repeat(200_000)] } as const
    const base = { kind: 'base', format: 1, version: 0, created: 1, expires: 9, values: [] } as const
    for (const extra of [0, 1, 64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1]) {
      const padded = { ...long, set: ['text', 'y'.repeat(extra)] }
      const lines = [base, long, padded, long, padded]
      expect(readWhole(bytesOf(lines)).state).toEqual(replay(BLANK, lines, KEY))
    }
  })
})

/** One step of one of two writers: a look, or a line that it appends, and what others do meanwhile. */
interface Step {
  by: number
  line: AppendedLine | undefined
  /** Bytes of the line that are written first, and then all of it. */
  torn: number | undefined
  meanwhile: Line[]
}

const line = journal.map((lines) => lines.find((each): each is AppendedLine => each.kind !== 'base'))
const step: fc.Arbitrary<Step> = fc
  .record({
    by: fc.nat({ max: 1 }),
    line,
    torn: fc.option(fc.nat({ max: 60 }), { nil: undefined }),
    meanwhile: fc.oneof(fc.constant<Line[]>([]), journal),
  })
  .map((each) => ({ ...each, line: each.line && { ...each.line } }))

describe('two processes that write to one journal', () => {
  test('are told of each line what everybody finds out about it', () => {
    const met = new Set<Fate>()
    fc.assert(
      fc.property(journal, fc.array(step, { maxLength: 10 }), ([base], steps) => {
        const file = new FileInMemory()
        file.append(encodeLine(base!))
        const writers = [open(file), open(file)]
        for (const writer of writers) writer.refresh()
        const told = new Map<string, Fate>()
        for (const [n, { by, line, torn, meanwhile }] of steps.entries()) {
          if (!line) {
            writers[by]!.refresh()
            continue
          }
          // A part of a line, and then all of it, as a disk does that has a little space left.
          if (torn !== undefined) file.shortWrites.push(torn % encodeLine(line).length)
          file.meanwhile.push(bytesOf(meanwhile))
          line.id = `${by}.${n}`
          const { fate } = writers[by]!.append(line)
          told.set(line.id, fate)
          met.add(fate)
        }
        for (const writer of writers) writer.refresh()
        const { lines } = decodeLines(file.bytes)
        same(writers[0]!.state, writers[1]!.state)
        same(writers[0]!.state, replay(BLANK, lines, KEY))
        let state = BLANK
        for (const line of lines) {
          if ('id' in line && told.has(line.id)) expect(fateOf(state, line, KEY)).toBe(told.get(line.id))
          state = replay(state, [line], KEY)
        }
        const found = lines.filter((line) => 'id' in line && told.has(line.id))
        expect(found.length).toBe(told.size)
      }),
      { numRuns: inWhole(1000, 400) },
    )
    expect([...met].sort()).toEqual(['applied', 'conflict', 'ended', 'expired', 'sealed', 'void'])
  })
})
