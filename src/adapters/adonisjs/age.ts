import { InvalidOptionError } from '../../errors.ts'
import { WITHOUT_END } from '../kept/arguments.ts'

const SECOND = 1000
const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(ms|msecs?|milliseconds?)$/, 1],
  [/^(|s|secs?|seconds?)$/, SECOND],
  [/^(m|mins?|minutes?)$/, 60 * SECOND],
  [/^(h|hrs?|hours?)$/, 3600 * SECOND],
  [/^(d|days?)$/, 24 * 3600 * SECOND],
  [/^(w|weeks?)$/, 7 * 24 * 3600 * SECOND],
]
const TEXT = /^(\d+(?:\.\d+)?) *([a-z]*)$/i

/** The `age` of AdonisJS' configuration, as it is said there (seconds, or a text such as `'2 hours'`), in milliseconds. */
export function millisecondsOfAge(age: unknown): number {
  const [, number, unit] = TEXT.exec(String(age)) ?? []
  const length = UNITS.find(([names]) => names.test(unit?.toLowerCase() ?? '?'))?.[1]
  const milliseconds = Number(number) * (length ?? Number.NaN)
  if (!(milliseconds >= 1)) {
    throw new InvalidOptionError('age', "a number of seconds or a text such as '2 hours' is needed")
  }
  return Math.min(milliseconds, WITHOUT_END)
}
