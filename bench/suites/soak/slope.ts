/** How fast y grows with x, by least squares. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
  const x = mean(points.map(([x]) => x))
  const y = mean(points.map(([, y]) => y))
  const along = points.map(([px]) => (px - x) ** 2)
  const across = points.map(([px, py]) => (px - x) * (py - y))
  return mean(across) / mean(along)
}
