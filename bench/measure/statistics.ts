/** Microseconds, or ratios. */
export interface Spread {
  min: number
  q1: number
  median: number
  q3: number
  max: number
}

/** Medians and quartiles, not means: one pause of the machine would move a mean of a whole run. */
export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b)
  return {
    min: quantile(sorted, 0),
    q1: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    q3: quantile(sorted, 0.75),
    max: quantile(sorted, 1),
  }
}

/** Round by round, then the spread of that: what slowed a whole round down slowed both of its samples. */
export function ratio(samples: readonly number[], of: readonly number[]): Spread {
  if (samples.length !== of.length) throw new RangeError('Only samples of the same rounds can be compared.')
  return spread(samples.map((sample, round) => sample / of[round]!))
}

/** Between two neighbours, in proportion, where it falls between them. */
function quantile(sorted: readonly number[], part: number): number {
  if (sorted.length === 0) throw new RangeError('Without samples there is nothing to tell.')
  const place = (sorted.length - 1) * part
  const below = sorted[Math.floor(place)]!
  const above = sorted[Math.ceil(place)]!
  return below + (above - below) * (place - Math.floor(place))
}
