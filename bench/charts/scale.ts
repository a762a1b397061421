/** The powers of ten around some values: a logarithmic axis begins and ends at one. */
export function decades(values: readonly number[]): { min: number; max: number } {
  if (!values.every((value) => value > 0)) throw new RangeError('On a logarithmic axis all is above zero.')
  const min = Math.floor(Math.log10(Math.min(...values)))
  const max = Math.ceil(Math.log10(Math.max(...values)))
  return { min: 10 ** min, max: 10 ** Math.max(max, min + 1) }
}

/** An axis from zero to a round number above all values, in about so many steps. */
export function fromZero(
  values: readonly number[],
  steps: number,
): { min: 0; max: number; interval: number } {
  const highest = Math.max(...values, Number.MIN_VALUE)
  const power = 10 ** Math.floor(Math.log10(highest / steps))
  const interval = power * [1, 2, 5, 10].find((factor) => factor * power * steps >= highest)!
  return { min: 0, max: interval * Math.ceil(highest / interval), interval }
}

/** What an axis prints at its lines. */
export function tick(value: number): string {
  if (value >= 1e6 && value % 1e5 === 0) return `${value / 1e6} M`
  return value.toLocaleString('en', { maximumFractionDigits: 3 })
}
