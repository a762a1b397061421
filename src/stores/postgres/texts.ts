/** What an escaped text begins with: a control character that no name of a value and no owner has for a good reason. */
const ESCAPE = '\u0001'

/**
 * What PostgreSQL holds in no text: NUL, and halves of a surrogate pair. A byte order mark at the beginning, which a
 * driver may take for one. And what would be taken for an escaped text.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const TO_ESCAPE = /^[\u0001\ufeff]|[\0\p{Surrogate}]/u

/** A text as PostgreSQL can hold it; nearly all are held as they are. */
export function held(text: string): string {
  return TO_ESCAPE.test(text) ? ESCAPE + JSON.stringify(text).slice(1, -1).replace('\ufeff', '\\ufeff') : text
}

/** The text that {@link held} was given. */
export function restored(text: string): string {
  return text.startsWith(ESCAPE) ? (JSON.parse(`"${text.slice(1)}"`) as string) : text
}

/** An array of texts as PostgreSQL reads one. */
export function textArray(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
}
