import { isPlain } from './plain.ts'

/**
 * Resolves a value that this request and another one both changed. `base` is what this request read, `mine` what it
 * made of it, `theirs` what is stored now; each is a copy, `undefined` where there is none. What it returns is stored,
 * `undefined` deletes. It may run several times, and is not called when nobody else changed the value.
 */
export type Merge<T> = (base: T | undefined, mine: T | undefined, theirs: T | undefined) => T | undefined

/**
 * Merge for collections. Arrays are sets, compared by their items' JSON text: theirs in their order, then what this
 * request added, without what it removed. Plain objects are merged key by key, nested ones included; where both
 * changed one key to something that is neither, this request's value stays.
 */
export function union<T>(base: T | undefined, mine: T | undefined, theirs: T | undefined): T | undefined {
  return unite(base, mine, theirs) as T | undefined
}

/** Merge for numbers: what this request added is added to what is stored now. A missing number counts as 0. */
export function counter(
  base: number | undefined,
  mine: number | undefined,
  theirs: number | undefined,
): number | undefined {
  if (mine === undefined && theirs === undefined) return undefined
  return numberOr0(theirs) + numberOr0(mine) - numberOr0(base)
}

function unite(base: unknown, mine: unknown, theirs: unknown): unknown {
  const sides = [mine, theirs].filter((side) => side !== undefined)
  if (sides.length === 0) return undefined
  // A deleted collection is one whose items were all removed: what the other side added to it stays.
  const whole = sides.length === 2
  if (sides.every(Array.isArray)) {
    const items = uniteArrays(arrayOr(base), arrayOr(mine), arrayOr(theirs))
    return whole || items.length > 0 ? items : undefined
  }
  if (sides.every(isPlainObject)) {
    const object = uniteObjects(objectOr(base), objectOr(mine), objectOr(theirs))
    return whole || Object.keys(object).length > 0 ? object : undefined
  }
  return mine
}

function uniteArrays(base: unknown[], mine: unknown[], theirs: unknown[]): unknown[] {
  const before = byText(base)
  const wanted = byText(mine)
  const result = byText(theirs)
  for (const text of before.keys()) if (!wanted.has(text)) result.delete(text)
  for (const [text, item] of wanted) if (!before.has(text) && !result.has(text)) result.set(text, item)
  return [...result.values()]
}

function uniteObjects(base: PlainObject, mine: PlainObject, theirs: PlainObject): PlainObject {
  const names = new Set([...Object.keys(theirs), ...Object.keys(mine)])
  const entries: [string, unknown][] = []
  for (const name of names) {
    const value = uniteProperty(own(base, name), own(mine, name), own(theirs, name))
    if (value !== undefined) entries.push([name, value])
  }
  // Not assignment: `__proto__` is a name like any other here.
  return Object.fromEntries(entries)
}

function uniteProperty(base: unknown, mine: unknown, theirs: unknown): unknown {
  const before = JSON.stringify(base)
  if (JSON.stringify(mine) === before) return theirs
  if (JSON.stringify(theirs) === before) return mine
  return unite(base, mine, theirs)
}

type PlainObject = Record<string, unknown>

function byText(items: unknown[]): Map<string, unknown> {
  return new Map(items.map((item) => [JSON.stringify(item), item]))
}

function own(object: PlainObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isPlainObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && isPlain(value)
}

function numberOr0(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

function arrayOr(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function objectOr(value: unknown): PlainObject {
  return isPlainObject(value) ? value : {}
}
