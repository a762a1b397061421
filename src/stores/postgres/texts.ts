import { StoreConfigError } from '../../errors.ts'

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

/**
 * The text that {@link held} was given.
 *
 * Throws `StoreConfigError` (`UNTORN_STORE_CONFIG`) for what somebody has written with SQL.
 */
export function restored(text: string): string {
  if (!text.startsWith(ESCAPE)) return text
  try {
    return JSON.parse(`"${text.slice(1)}"`) as string
  } catch {
    // Without a cause: what the engine says of it quotes the text.
    throw new StoreConfigError(
      'A text of a session (its owner, or a name or a value in the column "texts") begins with the character U+0001 and ' +
        'is not escaped as untorn does it: somebody has changed it. Write it without that character, or delete the row.',
    )
  }
}

/** An array of texts as PostgreSQL reads one. */
export function textArray(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(',')}}`
}
