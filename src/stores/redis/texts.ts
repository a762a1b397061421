/** What an escaped text begins with: a control character that no name of a value and no owner has for a good reason. */
const ESCAPE = '\u0001'
const ESCAPE_CODE = ESCAPE.charCodeAt(0)

/**
 * A text as Redis can keep it, which has bytes: half a surrogate pair has none in UTF-8, and every driver would store
 * another character without a word. So such a text is escaped, and so is one that would be taken for an escaped one; all
 * others are kept as they are.
 */
export function held(text: string): string {
  return isWellFormed(text) && restored(text) === text ? text : escaped(text)
}

/** The text that {@link held} was given. */
export function restored(text: string): string {
  if (text.charCodeAt(0) !== ESCAPE_CODE) return text
  const original = unescaped(text)
  // Kept as it is, by chance with such a beginning: nothing else escapes to it.
  if (original === undefined || escaped(original) !== text) return text
  return isWellFormed(original) && restored(original) === original ? text : original
}

function escaped(text: string): string {
  return ESCAPE + JSON.stringify(text).slice(1, -1)
}

function unescaped(text: string): string | undefined {
  try {
    return JSON.parse(`"${text.slice(1)}"`) as string
  } catch {
    return undefined
  }
}

// The compiler's library for Node.js 20 does not know it yet.
interface Text {
  isWellFormed(): boolean
}

function isWellFormed(text: string): boolean {
  return (text as unknown as Text).isWellFormed()
}
