/** The first moment that has a year without a sign; what is before it no session needs. */
const EARLIEST = Date.parse('0001-01-01')

/** Milliseconds since the epoch as PostgreSQL reads them, whatever its settings. */
export function timeText(milliseconds: number): string {
  if (!(milliseconds >= EARLIEST && milliseconds <= 8.64e15)) {
    throw new RangeError(
      'PostgreSQL takes times, in milliseconds since the epoch, from the year 1 to the year 275760.',
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
