import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Progress } from '../../src/tools/cli/progress.ts'
import { screenOf } from './terminal.ts'

function terminal() {
  const through = new PassThrough()
  let text = ''
  through.on('data', (chunk) => {
    text += chunk
  })
  const stream = Object.assign(through, {
    isTTY: true,
    columns: 200,
    rows: 20,
  }) as unknown as NodeJS.WriteStream
  return { stream, printed: () => text }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('without a terminal a line every five seconds says how far it is', () => {
  const { stream, printed } = terminal()
  const phase = new Progress({ stream, kind: 'lines' }).begin('Copying', 5000)
  phase.update(1000, () => '1,000 new')
  vi.advanceTimersByTime(4999)
  expect(printed()).toBe('')
  vi.advanceTimersByTime(1)
  expect(printed()).toBe('Copying: 1,000 (200/s), 1,000 new\n')
  phase.end()
  vi.advanceTimersByTime(20_000)
  expect(printed()).toBe('Copying: 1,000 (200/s), 1,000 new\n')
})

test('the bar shows the last state, and more than was counted', () => {
  const { stream, printed } = terminal()
  const progress = new Progress({ stream, kind: 'bar' })
  expect(progress.wantsTotal).toBe(true)
  const phase = progress.begin('Copying', 10)
  for (let count = 1; count <= 12; count++) phase.update(count, () => `${count} new`)
  progress.end()
  expect(printed()).toMatch(/Copying █+ 100% \| 12 of 12 \| .* \| 12 new/)
})

test('a terminal without a total has lines, too', () => {
  const { stream, printed } = terminal()
  const progress = new Progress({ stream, kind: 'bar' })
  progress.begin('Copying').update(500)
  vi.advanceTimersByTime(5000)
  progress.end()
  expect(printed()).toBe('Copying: 500 (100/s)\n')
})

test('none prints nothing', () => {
  const { stream, printed } = terminal()
  const progress = new Progress({ stream, kind: 'none' })
  expect(progress.wantsTotal).toBe(false)
  progress.begin('Copying', 5).update(5)
  vi.advanceTimersByTime(60_000)
  progress.end()
  expect(printed()).toBe('')
})

describe('a bar', () => {
  /** What was printed, redrawn line by redrawn line, without what is for the terminal alone. */
  const drawn = (printed: string): string[] =>
    stripVTControlCharacters(printed.replaceAll('\u001b[1G', '\n'))
      .split('\n')
      .filter((line) => line !== '')

  test.each([200, 80, 60, 40, 20, 5])('is narrower than a terminal of %d columns', (columns) => {
    const { stream, printed } = terminal()
    Object.assign(stream, { columns })
    const progress = new Progress({ stream, kind: 'bar' })
    const phase = progress.begin('Copying', 10_000_000)
    const details = '1,234,567 new, 1,234 brought up to date, 99 there already'
    for (let count = 0; count <= 10_000_000; count += 1_234_567) {
      phase.update(count, () => details)
      vi.advanceTimersByTime(1000)
    }
    progress.end()
    const lines = drawn(printed())
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns)
    if (columns >= 40) expect(lines.at(-1)).toMatch(/^Copying [█░]{10,40} 98%/)
    if (columns === 200) expect(lines.at(-1)).toContain(details)
    expect(screenOf(printed(), columns)).toEqual([''])
  })

  test('is gone once it is stopped, and none begins any more', () => {
    const { stream, printed } = terminal()
    const progress = new Progress({ stream, kind: 'bar' })
    const phase = progress.begin('Copying', 100)
    phase.update(7)
    progress.stop()
    stream.write('Ending.\n')
    const before = printed()
    phase.update(80)
    vi.advanceTimersByTime(10_000)
    progress.begin('Comparing', 10).update(5)
    progress.begin('Comparing').update(5)
    vi.advanceTimersByTime(10_000)
    progress.end()
    expect(printed()).toBe(before)
    expect(screenOf(printed())).toEqual(['Ending.', ''])
    expect(printed().lastIndexOf('\u001b[?25h')).toBeGreaterThan(printed().lastIndexOf('\u001b[?25l'))
  })

  test('of parts of a store shows their share alone', () => {
    const { stream, printed } = terminal()
    const progress = new Progress({ stream, kind: 'bar' })
    progress.begin('Sweeping', 256, 'parts').update(64, () => '12 removed')
    progress.end()
    expect(drawn(printed()).at(-1)).toMatch(/^Sweeping [█░]+ 25% \|( [\dms ]+ left \|)? 12 removed$/)
  })
})

test('a line of parts of a store says their share', () => {
  const { stream, printed } = terminal()
  new Progress({ stream, kind: 'lines' }).begin('Sweeping', 256, 'parts').update(64, () => '12 removed')
  vi.advanceTimersByTime(5000)
  expect(printed()).toBe('Sweeping: 25%, 12 removed\n')
})
