import { describe, expect, test } from 'vitest'
import { reportOf } from './history/report.ts'
import * as broken from './history/stories/broken.ts'
import { kept } from './history/stories/kept.ts'
import { failed, record, Story } from './history/stories/story.ts'
import { tagIn, tagOf, textOf } from './tags.ts'

describe('the stress run finds out when', () => {
  test.each(Object.values(broken).flat())('%s', (_, story, promise) => {
    expect(story.broken()).toContain(promise)
  })
})

describe('the stress run has nothing to say when', () => {
  test.each(kept)('%s', (_, story) => {
    expect(story.violations()).toEqual([])
  })

  test('a save failed and stands all the same, where that may be: it was appended, and could not be synced', () => {
    const story = Story.begun()
      .save('a', [10, 11], 'x', failed({ cause: 'EIO' }))
      .load('b', [20, 21], record(1, { x: 'a' }))
    expect(story.violations({ failuresMayStand: true })).toEqual([])
    expect(story.broken()).not.toEqual([])
  })
})

describe('what the stress run says of a broken promise', () => {
  test('is the history around it, in words, with a mark at the calls that show it', () => {
    const story = Story.begun()
    for (let n = 1; n <= 20; n++) story.exists(`e${n}`, [n, n + 0.5], 'there')
    story.delete('gone', [30, 31], { is: 'deleted' }).load('back', [40, 41], record(0))
    const [violation] = story.violations()
    const lines = reportOf(violation!, story.history().sessions[0]).split('\n')
    expect(lines[0]).toContain('gone is gone')
    expect(lines.filter((line) => line.startsWith('  >'))).toEqual([
      '  > 0.030000 s  gone deletes it  - 0.031000 s: deleted',
      '  > 0.040000 s  back loads it  - 0.041000 s: found, version 0 {made = made/1}, expires at 100000',
    ])
    expect(lines).toContain('    ... 15 more')
    expect(lines.length).toBeLessThan(15)
  })

  test('shows the pass through all sessions that left one out', () => {
    const story = Story.begun().list('pass', [10, 20], {})
    const report = reportOf(story.violations()[0]!, story.history().sessions[0])
    expect(report).toContain('  > 0.010000 s  pass passes through all sessions  - 0.020000 s: absent')
  })
})

describe('a value as the stress run sees it', () => {
  const whole = textOf(tagOf('w1.7', 100))

  test('is known by its tag, whatever its size', () => {
    expect(tagIn(whole)).toBe('w1.7/100')
    expect(tagIn(textOf(tagOf('w1.8', 0)))).toBe('w1.8/0')
  })

  test('is told from one that was cut, grew, or has a part of another', () => {
    const other = textOf(tagOf('w2.9', 100))
    for (const text of [
      '',
      whole.slice(0, -1),
      `${whole}"`,
      whole.slice(0, 9) + other.slice(8),
      whole.replace('100', '99'),
    ]) {
      expect(tagIn(text)).toContain('broken')
    }
  })
})
