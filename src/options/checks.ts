import { InvalidOptionError } from '../errors.ts'

/** The checks that options share. Each returns what it was given, or throws an error that names the option. */

export function objectOf(option: string, value: unknown): Record<string, unknown> {
  // A class (devalue's and superjson's exports are an object and a class) has properties too.
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || Array.isArray(value)) {
    throw new InvalidOptionError(option, `an object is needed, not ${shown(value)}`)
  }
  return value as Record<string, unknown>
}

export function boolean(option: string, value: unknown): boolean {
  return oneOf(option, value, [true, false])
}

export function wholeNumber(option: string, value: unknown, least: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < least) {
    throw new InvalidOptionError(option, `a whole number from ${least} on is needed, not ${shown(value)}`)
  }
  return value as number
}

export function callable(option: string, value: unknown): unknown {
  if (typeof value !== 'function')
    throw new InvalidOptionError(option, `a function is needed, not ${shown(value)}`)
  return value
}

export function text(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new InvalidOptionError(option, `a text is needed, not ${shown(value)}`)
  }
  return value
}

export function oneOf<T extends string | boolean>(option: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((choice) => choice === value)
  if (found === undefined) {
    throw new InvalidOptionError(option, `${allowed.map(shown).join(' or ')} is needed, not ${shown(value)}`)
  }
  return found
}

/** Refuses what is not an option: a misspelt one would silently do nothing. `path` ends in a dot, or is empty. */
export function known(
  path: string,
  given: Record<string, unknown>,
  options: readonly string[],
  reasons: Record<string, string>,
): void {
  for (const name of Object.keys(given)) {
    if (options.includes(name)) continue
    const reason = Object.hasOwn(reasons, name) ? `; ${reasons[name]}` : ''
    const meant = options.find((option) => isNear(name, option))
    const hint = reason || (meant === undefined ? '' : `; did you mean \`${path}${meant}\`?`)
    throw new InvalidOptionError(path + name, `there is no such option${hint}`)
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** One letter too many, too few or wrong, two swapped, or only the case. */
function isNear(given: string, option: string): boolean {
  const a = given.toLowerCase()
  const b = option.toLowerCase()
  if (a === b) return true
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  const restA = a.slice(start)
  const restB = b.slice(start)
  return (
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    restA.slice(1) === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  )
}
