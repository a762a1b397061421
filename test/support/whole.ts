/**
 * Whether everything is asked, as `npm run test:all` does. `npm test` asks each promise too, with fewer cases, in a few
 * minutes. test/README.md says what only the whole run covers.
 */
export const whole = process.env.TEST_ALL === '1'

/** Something of which the whole run needs more than the short one: a number of cases, or a list of them. */
export function inWhole<T>(all: T, otherwise: T): T {
  return whole ? all : otherwise
}

/** In the short run the first two: enough to see that what goes through them all works. */
export function firstInShort<T>(all: readonly T[]): readonly T[] {
  return whole ? all : all.slice(0, 2)
}

/** In the short run of those of which `by` says the same only the last one. */
export function oneOfEach<T>(all: readonly T[], by: (one: T) => string): readonly T[] {
  return whole ? all : [...new Map(all.map((one) => [by(one), one])).values()]
}

/** Each of some with each of the others; in the short run only so many of these pairs that each has been in one. */
export function eachWithEach<A, B>(some: readonly A[], others: readonly B[]): [A, B][] {
  if (whole) return some.flatMap((one) => others.map((other): [A, B] => [one, other]))
  const length = Math.max(some.length, others.length)
  return Array.from({ length }, (_, n) => [some[n % some.length]!, others[n % others.length]!])
}

/** In the short run the entries of a table that are named, and all of them in the whole one. */
export function onlyInShort<T>(all: Readonly<Record<string, T>>, ...names: string[]): Record<string, T> {
  if (whole) return { ...all }
  return Object.fromEntries(
    names.map((name) => {
      if (!(name in all)) throw new Error(`There is no "${name}" among ${Object.keys(all).join(', ')}.`)
      return [name, all[name]!]
    }),
  )
}
