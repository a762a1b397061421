import { InvalidOptionError } from '../../errors.ts'
import { WITHOUT_END } from '../kept/arguments.ts'

const SECOND = 1000
const DAY = 24 * 3600 * SECOND
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(|ms|msecs?|milliseconds?)$/, 1],
  [/^(s|secs?|seconds?)$/, SECOND],
  [/^(m|mins?|minutes?)$/, 60 * SECOND],
  [/^(h|hrs?|hours?)$/, 3600 * SECOND],
  [/^(d|days?)$/, DAY],
  [/^(w|wks?|weeks?)$/, 7 * DAY],
  [/^(y|yrs?|years?)$/, 365.25 * DAY],
]
const TEXT = /^(\d*\.?\d+) *([a-z]*)$/i

/**
 * The `age` of AdonisJS' configuration, as it is said there, in milliseconds: a number is of seconds, a text without a unit of
 * milliseconds. What is none AdonisJS itself refuses when it starts.
 */
export function millisecondsOfAge(age: unknown): number {
  const milliseconds = typeof age === 'number' ? age * SECOND : lengthIn(String(age))
  if (!(milliseconds >= 1)) {
    throw new InvalidOptionError('age', "a number of seconds or a text such as '2 hours' is needed")
  }
  return Math.min(milliseconds, WITHOUT_END)
}

function lengthIn(text: string): number {
  const [, number, unit = '?'] = TEXT.exec(text) ?? []
  const length = UNITS.find(([names]) => names.test(unit.toLowerCase()))?.[1]
  return Number(number) * (length ?? Number.NaN)
}
