/** A line with anything else could be written and never read: JSON has no Infinity and no NaN. */
export function assertTimes(one: number, other: number): void {
  if (Number.isFinite(one) && Number.isFinite(other)) return
  throw new TypeError('Times are milliseconds since the epoch and versions are counts: finite numbers.')
}

export function assertTexts(
  values: ReadonlyMap<string, string> | undefined,
  owner: string | null | undefined,
): void {
  let texts = owner === undefined || owner === null || typeof owner === 'string'
  if (values) for (const [key, text] of values) texts &&= typeof key === 'string' && typeof text === 'string'
  if (!texts) throw new TypeError('Values are a Map of names to JSON texts, and an owner is a text.')
}
