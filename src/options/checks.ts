import { types } from 'node:util'
import { InvalidOptionError } from '../errors.ts'

/**
 * The checks of options, of whatever takes some: one mistake has the same words everywhere. Each gives back what it was
 * given, with a type, or throws an `InvalidOptionError` that names the option.
 */

/** An object of options of which all are known. What is `undefined` in it has its default, `null` is a mistake. */
export function asOptions<Name extends string>(
  given: unknown,
  known: readonly Name[],
  reasons?: Readonly<Record<string, string>>,
): Partial<Record<Name, unknown>> {
  const options = asNamed('options', given)
  refuseUnknown('', options, known, reasons)
  return options as Partial<Record<Name, unknown>>
}

/** Refuses what is not an option: a misspelt one would silently do nothing. `path` ends in a dot, or is empty. */
export function refuseUnknown(
  path: string,
  given: Record<string, unknown>,
  known: readonly string[],
  reasons: Readonly<Record<string, string>> = {},
): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    const meant = known.find((option) => isNear(name, option))
    const reason = Object.hasOwn(reasons, name) ? reasons[name] : undefined
    const hint = reason ?? (meant === undefined ? undefined : `did you mean \`${path}${meant}\`?`)
    throw new InvalidOptionError(
      path + name,
      `there is no such option; ${hint ?? `there are ${known.map((option) => path + option).join(', ')}`}`,
    )
  }
}

/** Options with a default in the place of each that is not there or `undefined`. */
export function withDefaults<Defaults extends object>(
  given: object,
  defaults: Defaults,
): Record<keyof Defaults, unknown> {
  const said = (name: string): unknown => (given as Record<string, unknown>)[name]
  const chosen = Object.entries(defaults).map(([name, byDefault]) => [
    name,
    said(name) === undefined ? byDefault : said(name),
  ])
  return Object.fromEntries(chosen)
}

/** An object of which every name counts. What keeps its content elsewhere would be taken, and do nothing. */
export function asNamed(option: string, value: unknown): Record<string, unknown> {
  // A function is a handler, or a driver's pool, in the wrong place; a promise was not awaited.
  if (typeof value === 'function' || types.isMap(value) || types.isPromise(value)) {
    throw needed(option, 'an object', value)
  }
  return asObject(option, value)
}

export function asObject(option: string, value: unknown): Record<string, unknown> {
  // A class (devalue's and superjson's exports are an object and a class) has properties too.
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || Array.isArray(value)) {
    throw needed(option, 'an object', value)
  }
  return value as Record<string, unknown>
}

export function asBoolean(option: string, value: unknown): boolean {
  return asOneOf(option, value, [true, false])
}

/** `from` and `to` are in it; without `to` there is no end. */
export function asWholeNumber(
  option: string,
  value: unknown,
  { from, to = Number.MAX_SAFE_INTEGER }: { from: number; to?: number },
): number {
  if (Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to) {
    return value as number
  }
  const range = to === Number.MAX_SAFE_INTEGER ? `from ${from} on` : `from ${from} to ${to}`
  throw needed(option, `a whole number ${range}`, value)
}

// biome-ignore lint/complexity/noBannedTypes: that it can be called is all that a check can tell
export function asFunction<Type extends Function>(option: string, value: unknown): Type {
  if (typeof value !== 'function') throw needed(option, 'a function', value)
  return value as Type
}

export function asText(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw needed(option, 'a text', value)
  return value
}

export function asOneOf<T extends string | boolean>(
  option: string,
  value: unknown,
  allowed: readonly T[],
): T {
  const found = allowed.find((choice) => choice === value)
  if (found === undefined) throw needed(option, allowed.map(shown).join(' or '), value)
  return found
}

/** A list of which each is one of these; `example` is one. */
export function asListOf<T extends string>(
  option: string,
  value: unknown,
  allowed: readonly T[],
  example: string,
): readonly T[] {
  if (!Array.isArray(value)) throw needed(option, `a list, such as ${example},`, value)
  return value.map((given: unknown, at) => {
    const meant = typeof given === 'string' ? allowed.find((choice) => isNear(given, choice)) : undefined
    if (meant === undefined || meant === given) return asOneOf(`${option}[${at}]`, given, allowed)
    throw new InvalidOptionError(`${option}[${at}]`, `did you mean '${meant}'?`)
  })
}

/** The error that says what an option needs, and what it was given. */
export function needed(option: string, what: string, given: unknown): InvalidOptionError {
  return new InvalidOptionError(option, `${what} is needed, not ${shown(given)}`)
}

/** A URL is not quoted, as it may have a password. */
function shown(value: unknown): string {
  if (typeof value === 'string') return value.includes('://') ? 'a URL' : `'${value}'`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  if (types.isMap(value)) return 'a Map'
  if (types.isPromise(value)) return 'a promise'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** One letter too many, too few or wrong, two swapped, or only the case, or `words_joined` in another way. */
function isNear(given: string, option: string): boolean {
  const a = given.toLowerCase().replace(/[-_ ]/g, '')
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
