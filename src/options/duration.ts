import ms from 'ms'
import { InvalidOptionError } from '../errors.ts'

type Unit =
  | 'ms'
  | 'msec'
  | 'msecs'
  | 'millisecond'
  | 'milliseconds'
  | 's'
  | 'sec'
  | 'secs'
  | 'second'
  | 'seconds'
  | 'm'
  | 'min'
  | 'mins'
  | 'minute'
  | 'minutes'
  | 'h'
  | 'hr'
  | 'hrs'
  | 'hour'
  | 'hours'
  | 'd'
  | 'day'
  | 'days'
  | 'w'
  | 'week'
  | 'weeks'
  | 'y'
  | 'yr'
  | 'yrs'
  | 'year'
  | 'years'

/** A length of time: a number of milliseconds, or a text such as `'30m'`, `'12 hours'`, `'7d'`. */
export type Duration = number | `${number}` | `${number}${Unit}` | `${number} ${Unit}`

// Beyond it dates of browsers and stores overflow, and what was meant was another unit.
const LONGEST = 100 * 365.25 * 24 * 60 * 60 * 1000

/** A {@link Duration} in whole milliseconds. Throws {@link InvalidOptionError}, which names `option`. */
export function milliseconds(option: string, duration: unknown): number {
  const length = typeof duration === 'string' ? parsed(duration) : duration
  if (typeof length !== 'number' || !Number.isFinite(length)) {
    throw new InvalidOptionError(
      option,
      `a number of milliseconds or a text such as '30m' is needed, not ${shown(duration)}`,
    )
  }
  const rounded = Math.round(length)
  if (rounded < 1)
    throw new InvalidOptionError(option, `it has to be longer than nothing, not ${shown(duration)}`)
  if (rounded > LONGEST)
    throw new InvalidOptionError(option, `it has to be at most 100 years, not ${shown(duration)}`)
  return rounded
}

function parsed(text: string): number | undefined {
  return text === '' ? undefined : ms(text as ms.StringValue)
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? `'${value}'`
    : `${typeof value === 'object' ? typeof value : String(value)}`
}
