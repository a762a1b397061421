import { StoreConfigError } from '../../errors.ts'
import { held, restored } from './texts.ts'

/** Values as two JSON objects, by name. */
export interface HeldValues {
  /** Each as a value, which SQL can look into; none of a record that is no session. */
  values: string
  /** The text of each, which alone is read. */
  texts: string
}

/**
 * Values as they are stored. `jsonb` sorts the members of objects and forgets how a number was written, while a store
 * gives back texts to the last byte. So next to the values stand their texts.
 *
 * `isShown`: it is a session. Nobody looks for carts in what untorn notes for itself, and of an owner with thousands of sessions
 * to write all of it twice takes the server twice as long.
 */
export function holdValues(given: ReadonlyMap<string, string>, isShown = true): HeldValues {
  const values: string[] = []
  const texts: string[] = []
  for (const [name, text] of given) {
    const before = `${JSON.stringify(held(name))}:`
    if (isShown) values.push(before + jsonOf(text))
    texts.push(before + JSON.stringify(held(text)))
  }
  return { values: `{${values.join(',')}}`, texts: `{${texts.join(',')}}` }
}

/**
 * The values that {@link holdValues} was given, from what PostgreSQL made of their texts.
 *
 * Throws `StoreConfigError` (`UNTORN_STORE_CONFIG`) for what somebody has made of them with SQL.
 */
export function restoreValues(texts: string): Map<string, string> {
  const values = new Map<string, string>()
  if (!texts.startsWith('{')) throw spoilt()
  const members = JSON.parse(texts) as Record<string, unknown>
  for (const name of Object.keys(members)) {
    const text = members[name]
    if (typeof text !== 'string') throw spoilt()
    values.set(restored(name), restored(text))
  }
  return values
}

function spoilt(): StoreConfigError {
  return new StoreConfigError(
    'The column "texts" of a session holds something that is no text: somebody has changed it. Each member of it is the ' +
      'JSON text of a value, as a string: give it that form, or delete the row.',
  )
}

/** Escapes for NUL and for halves of surrogate pairs; `JSON.stringify` writes these, and no others of the kind. */
const NOT_IN_JSONB = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/

/** PostgreSQL reads nested values by recursion, on a stack that is small. */
const DEEPEST = 500

/** Texts of which it is known at a look that `jsonb` can hold them. */
const ATOM = /^(?:"[\w .:/@+-]*"|0|-?[1-9]\d{0,14}|true|false|null)$/

const NOTHING = 'null'

/** The value that JavaScript finds in a text, as JSON; `null`, if it finds none or `jsonb` can't hold it. */
function jsonOf(text: string): string {
  if (ATOM.test(text)) return text
  try {
    const value = JSON.stringify(JSON.parse(text))
    return NOT_IN_JSONB.test(value) || isTooDeep(value) ? NOTHING : value
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
