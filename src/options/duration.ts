import { InvalidOptionError } from '../errors.ts'
import { needed } from './checks.ts'

const SECOND = 1000
const DAY = 24 * 60 * 60 * SECOND

/** Milliseconds of each unit, and its name: who wrote more of that than the unit is told what to write. */
const UNITS: Readonly<Record<Unit, readonly [number, string]>> = {
  ms: [1, 'milliseconds'],
  s: [SECOND, 'seconds'],
  m: [60 * SECOND, 'minutes'],
  h: [60 * 60 * SECOND, 'hours'],
  d: [DAY, 'days'],
  w: [7 * DAY, 'weeks'],
}

type Unit = 'ms' | 's' | 'm' | 'h' | 'd' | 'w'

/** A length of time: a number of milliseconds, or a number with one of six units, such as `'30m'`, `'1.5h'`, `'7 d'`. */
export type Duration = number | `${number}${Unit}` | `${number} ${Unit}`

// Beyond it dates of browsers and stores overflow, and what was meant was another unit.
const LONGEST = 36_525 * DAY

/** A {@link Duration} in whole milliseconds. Throws {@link InvalidOptionError}, which names `option`. */
export function asMilliseconds(option: string, duration: unknown): number {
  const length = typeof duration === 'string' ? parsed(option, duration) : duration
  if (typeof length !== 'number' || !Number.isFinite(length)) throw unusable(option, duration)
  const rounded = Math.round(length)
  if (rounded < 1) throw needed(option, 'a length of time above nothing', duration)
  if (rounded > LONGEST) throw needed(option, 'a length of time of at most 100 years', duration)
  return rounded
}

const TEXT = /^(-?(?:\d+|\d*\.\d+)) ?([a-z]*)$/i

function parsed(option: string, text: string): number {
  const [, number, unit] = TEXT.exec(text) ?? []
  if (number === undefined || unit === undefined) throw unusable(option, text)
  if (isUnit(unit)) return Number(number) * UNITS[unit][0]
  const word = unit.length > 1 ? unit.toLowerCase().replace(/s$/, '') : unit.toLowerCase()
  const units = Object.keys(UNITS) as Unit[]
  const meant = units.find((each) => each === word) ?? units.find((each) => UNITS[each][1].startsWith(word))
  const hint = unit === '' || meant === undefined ? '' : `write '${number}${meant}'; `
  throw new InvalidOptionError(
    option,
    `'${text}' ${unit === '' ? 'has no unit' : 'has an unknown unit'}; ${hint}there are ${units.join(', ')}`,
  )
}

function isUnit(text: string): text is Unit {
  return Object.hasOwn(UNITS, text)
}

function unusable(option: string, given: unknown): InvalidOptionError {
  return needed(option, "a number of milliseconds or a text such as '30m'", given)
}
