import { describe, expect, test } from 'vitest'
import { InvalidOptionError } from '../../src/index.ts'
import { asMilliseconds, asMillisecondsOrNone } from '../../src/options/duration.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

function refusal(duration: unknown): string {
  try {
    asMilliseconds('idleTimeout', duration)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError)
    expect(error).toHaveProperty('option', 'idleTimeout')
    return (error as Error).message
  }
  throw new Error('It was taken.')
}

describe('a length of time that may be none', () => {
  test.each<[unknown, number]>([
    [0, 0],
    ['0s', 0],
    ['0 m', 0],
    ['30ms', 30],
    [1000, 1000],
  ])('%j is %d milliseconds', (duration, milliseconds) => {
    expect(asMillisecondsOrNone('sweepEvery', duration)).toBe(milliseconds)
  })

  test.each([
    [-1, /a length of time, or 0, is needed, not -1/],
    ['-5m', /a length of time, or 0, is needed, not '-5m'/],
    [10, /write '10m' or '10s', or '10ms'/],
    [null, /a number of milliseconds or a text such as '30m' is needed, not null/],
    ['soon', /a text such as '30m' is needed, not 'soon'/],
    ['10 minutes', /write '10m'/],
  ])('%j is not', (duration, says) => {
    expect(() => asMillisecondsOrNone('sweepEvery', duration)).toThrow(says)
  })
})

describe('a length of time', () => {
  test.each<[unknown, number]>([
    [1000, 1000],
    [1500, 1500],
    [1500.4, 1500],
    ['30ms', 30],
    ['45s', 45 * SECOND],
    ['30m', 30 * MINUTE],
    ['1.5h', 90 * MINUTE],
    ['.5h', 30 * MINUTE],
    ['12 h', 12 * HOUR],
    ['7d', 7 * DAY],
    ['2w', 14 * DAY],
    ['36525d', 36_525 * DAY],
  ])('%j is %d milliseconds', (duration, milliseconds) => {
    expect(asMilliseconds('idleTimeout', duration)).toBe(milliseconds)
  })

  test.each([
    ['12 hours', "'12 hours' has an unknown unit; write '12h'; there are ms, s, m, h, d, w."],
    ['20 minutes', "write '20m'"],
    ['5 mins', "write '5m'"],
    ['1 day', "write '1d'"],
    ['90 secs', "write '90s'"],
    ['3 Weeks', "write '3w'"],
    ['30M', "write '30m'"],
    ['500 millisecond', "write '500ms'"],
  ])('%j is not, and the message says how it is written', (duration, advice) => {
    expect(refusal(duration)).toContain(advice)
  })

  test.each(['2 months', '1y', '30 parsecs'])(
    '%j is not, and the message says which units there are',
    (duration) => {
      expect(refusal(duration)).toContain(`'${duration}' has an unknown unit; there are ms, s, m, h, d, w.`)
    },
  )

  test.each([
    [30, "write '30m' or '30s', or '30ms' if they are."],
    [1, "write '1m' or '1s', or '1ms'"],
    [999, "write '999m' or '999s', or '999ms'"],
    [2.5, "write '2.5m' or '2.5s', or '2.5ms'"],
    [999.9, "write '999.9m' or"],
  ])(
    '%d is not, as minutes or seconds were meant, and the message says how they are written',
    (duration, advice) => {
      expect(refusal(duration)).toContain(
        `a number counts milliseconds, and ${duration} are hardly meant; ${advice}`,
      )
    },
  )

  test('what is advised is taken', () => {
    for (const [, text] of refusal(30).matchAll(/'(30\w+)'/g)) {
      expect(asMilliseconds('idleTimeout', text)).toBeGreaterThanOrEqual(30)
    }
  })

  test('nothing is advised that is longer than the option takes', () => {
    const anHour = { milliseconds: HOUR, name: 'an hour' }
    expect(asMilliseconds('deadline', '1h', anHour)).toBe(HOUR)
    expect(() => asMilliseconds('deadline', 500, anHour)).toThrow(/write '500s', or '500ms' if they are/)
    expect(() => asMilliseconds('deadline', '61m', anHour)).toThrow(/of at most an hour is needed, not '61m'/)
  })

  test('a text without a unit is not, as nobody knows which was meant', () => {
    expect(refusal('3600')).toContain("'3600' has no unit; there are ms, s, m, h, d, w.")
  })

  test.each([0, -5, 0.4, '0s', '-1h'])('%j is not: it has to be longer than nothing', (duration) => {
    expect(refusal(duration)).toContain('above nothing is needed')
  })

  test.each([Number.POSITIVE_INFINITY, Number.NaN, '', 'soon', '1h30m', '1,5h', '1  h', null, {}, true])(
    '%j is not',
    (duration) => {
      expect(refusal(duration)).toContain("a number of milliseconds or a text such as '30m' is needed")
    },
  )

  test.each(['36526d', '5300w'])('%j is not: nothing is kept for more than a hundred years', (duration) => {
    expect(refusal(duration)).toContain('at most 100 years')
  })
})
