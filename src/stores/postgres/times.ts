import { invalidArgument } from '../../errors.ts'

/** The first moment that has a year without a sign; what is before it no session needs. */
const EARLIEST = Date.parse('0001-01-01')

/**
 * Milliseconds since the epoch as PostgreSQL reads them, whatever its settings.
 *
 * Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`), which names the `argument`, for a year that it can't keep.
 */
export function timeText(milliseconds: number, argument = 'time'): string {
  if (!(milliseconds >= EARLIEST && milliseconds <= 8.64e15)) {
    throw invalidArgument(
      argument,
      'PostgreSQL keeps times from the year 1 to the year 275760: give such a one, in milliseconds since the epoch',
    )
  }
  // From the year 10000 on it is written with a sign and zeros, which PostgreSQL does not take.
  return new Date(milliseconds).toISOString().replace(/^\+0*/, '')
}

/** The milliseconds in `extract(epoch from ...)`: seconds with six decimals, more digits than a number keeps. */
export function milliseconds(epoch: string): number {
  const point = epoch.indexOf('.')
  return point === -1
    ? Number(epoch) * 1000
    : Number(epoch.slice(0, point) + epoch.slice(point + 1, point + 4))
}
