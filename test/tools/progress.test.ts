import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Progress } from '../../src/tools/cli/progress.ts'

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
