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

/**
 * A length of time: a number with one of six units, such as `'30m'`, `'1.5h'`, `'7 d'`, or a number of milliseconds from
 * 1000 on. A smaller one is refused: who writes `30` means minutes or seconds, and who means 30 milliseconds, `'30ms'`.
 */
export type Duration = number | `${number}${Unit}` | `${number} ${Unit}`

// Beyond it dates of browsers and stores overflow, and what was meant was another unit.
const LONGEST: Limit = { milliseconds: 36_525 * DAY, name: '100 years' }

/** The longest that an option takes, and how that is said. */
export interface Limit {
  milliseconds: number
  name: string
}

/** A {@link Duration} in whole milliseconds. Throws {@link InvalidOptionError}, which names `option`. */
export function asMilliseconds(option: string, duration: unknown, longest: Limit = LONGEST): number {
  const length = typeof duration === 'string' ? parsed(option, duration) : duration
  if (typeof length !== 'number' || !Number.isFinite(length)) throw unusable(option, duration)
  const rounded = Math.round(length)
  if (rounded < 1) throw needed(option, 'a length of time above nothing', duration)
  if (typeof duration === 'number' && duration < SECOND) throw tooFew(option, duration, longest)
  if (rounded > longest.milliseconds) {
    throw needed(option, `a length of time of at most ${longest.name}`, duration)
  }
  return rounded
}

/** The same of an option that can be nothing at all: 0, also with a unit. */
export function asMillisecondsOrNone(option: string, duration: unknown): number {
  const length = typeof duration === 'string' && TEXT.test(duration) ? parsed(option, duration) : duration
  if (length === 0) return 0
  if (typeof length === 'number' && length < 0) throw needed(option, 'a length of time, or 0,', duration)
  return asMilliseconds(option, duration)
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

/** So few milliseconds that minutes or seconds were meant; of these only what the option would take. */
function tooFew(option: string, given: number, { milliseconds }: Limit): InvalidOptionError {
  const likely = (['m', 's'] as const).filter((unit) => given * UNITS[unit][0] <= milliseconds)
  const meant = likely.map((unit) => `'${given}${unit}'`).join(' or ')
  return new InvalidOptionError(
    option,
    `a number counts milliseconds, and ${given} are hardly meant; write ${meant}, or '${given}ms' if they are`,
  )
}

function isUnit(text: string): text is Unit {
  return Object.hasOwn(UNITS, text)
}

function unusable(option: string, given: unknown): InvalidOptionError {
  return needed(option, "a number of milliseconds or a text such as '30m'", given)
}
