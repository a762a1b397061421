/**
 * What turns values into text and back in place of JSON. The modules `devalue` and `superjson` have this shape.
 *
 * One that gives another text each time, as encryption with a nonce does, is fine: a value is saved when what is read
 * from its text has changed. In an object of a class (other than Date, Map, Set, RegExp and arrays of bytes) that can't
 * be seen, so that with such a serializer to read one counts as a change.
 */
export interface Serializer {
  stringify(value: unknown): string
  parse(text: string): unknown
}

/** A serializer with the session's key at hand, so that what goes wrong can be named. */
export interface Codec {
  /** Throws `NotSerialisableError`. */
  stringify(key: string, value: unknown): string
  /** `undefined` for a text that can't be parsed, which is reported: foreign data never breaks a request. */
  parse(key: string, text: string): unknown
  /** Whether two texts, of which the first was written now, are of the same value; `undefined`: there is none. */
  same(key: string, written: string | undefined, stored: string | undefined): boolean
}
