/** The sample that so many of a hundred don't exceed. */
export function percentile(samples: Iterable<number>, part: number): number {
  const sorted = Float64Array.from(samples).sort()
  if (sorted.length === 0) throw new RangeError('Without samples there is nothing to tell.')
  return sorted[Math.max(0, Math.ceil((sorted.length * part) / 100) - 1)]!
}
