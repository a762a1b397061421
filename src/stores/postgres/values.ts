import { held, restored } from './texts.ts'

/** Values as two JSON objects, by name. */
export interface HeldValues {
  /** Each value as `jsonb`, which SQL can look into. */
  values: string
  /** The text of those values that `jsonb` would give back otherwise; `undefined`: there is none. */
  exact: string | undefined
}

/**
 * Values as they are stored. `jsonb` sorts the members of objects and forgets how a number was written, while a store
 * gives back texts to the last byte. So next to the value stands its text, where the text can't be made from the value.
 */
export function holdValues(values: ReadonlyMap<string, string>): HeldValues {
  const members: string[] = []
  const exact: string[] = []
  for (const [given, text] of values) {
    const name = JSON.stringify(held(given))
    const { member, comesBack } = read(text)
    members.push(`${name}:${member}`)
    if (!comesBack) exact.push(`${name}:${JSON.stringify(held(text))}`)
  }
  return {
    values: `{${members.join(',')}}`,
    exact: exact.length > 0 ? `{${exact.join(',')}}` : undefined,
  }
}

/** The values that {@link holdValues} was given, from what PostgreSQL made of them. */
export function restoreValues(values: string, exact: string | null): Map<string, string> {
  const texts = new Map<string, string>()
  const members = JSON.parse(values) as Record<string, unknown>
  const exactly = exact === null ? undefined : (JSON.parse(exact) as Record<string, string>)
  for (const name of Object.keys(members)) {
    const text =
      exactly !== undefined && Object.hasOwn(exactly, name)
        ? restored(exactly[name]!)
        : JSON.stringify(members[name])
    texts.set(restored(name), text)
  }
  return texts
}

/** Escapes for NUL and for halves of surrogate pairs; `JSON.stringify` writes these, and no others of the kind. */
const NOT_IN_JSONB = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/

/** PostgreSQL reads nested values by recursion, on a stack that is small. */
const DEEPEST = 500

/** Texts of which it is known at a look that `jsonb` gives them back as they are. */
const ATOM = /^(?:"[\w .:/@+-]*"|0|-?[1-9]\d{0,14}|true|false|null)$/

interface Reading {
  /** The value that JavaScript finds in a text, as JSON; `null`, if it finds none or `jsonb` can't hold it. */
  member: string
  /** Whether that value is enough to make the text from it again. */
  comesBack: boolean
}

const NOTHING: Reading = { member: 'null', comesBack: false }

function read(text: string): Reading {
  if (ATOM.test(text)) return { member: text, comesBack: true }
  try {
    const value: unknown = JSON.parse(text)
    const member = JSON.stringify(value)
    if (NOT_IN_JSONB.test(member) || isTooDeep(member)) return NOTHING
    return { member, comesBack: member === text && isInOrder(value) }
  } catch {
    // Not JSON, or nested more deeply than JavaScript goes.
    return NOTHING
  }
}

/** By the brackets alone; those within strings count too, which does no harm. */
function isTooDeep(json: string): boolean {
  if (json.length <= 2 * DEEPEST) return false
  let depth = 0
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === 91 || code === 123) depth++
    else if (code === 93 || code === 125) depth--
    if (depth > DEEPEST) return true
  }
  return false
}

/** Whether the members of all objects are in the order in which they are written when they come back. */
function isInOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isInOrder)
  let before: string | undefined
  for (const name of Object.keys(value)) {
    // JavaScript puts these first, by their number, whatever order it reads them in.
    if (INDEX.test(name)) continue
    if (before !== undefined && !precedes(before, name)) return false
    before = name
  }
  return Object.values(value).every(isInOrder)
}

/** A whole number from 0 on; of those too large for an index of an array it is only thought that they move. */
const INDEX = /^(?:0|[1-9]\d{0,8})$/

/** The order of `jsonb`: shorter names first, by their bytes in UTF-8; and of equally long ones the lower bytes. */
function precedes(one: string, other: string): boolean {
  if (ASCII.test(one) && ASCII.test(other)) {
    return one.length === other.length ? one < other : one.length < other.length
  }
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length ? left.compare(right) < 0 : left.length < right.length
}

const ASCII = /^[\0-\x7f]*$/
