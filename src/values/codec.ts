/** A serializer with the session's key at hand, so that what goes wrong can be named. */
export interface Codec {
  /** Throws `NotSerialisableError`. */
  stringify(key: string, value: unknown): string
  /** `undefined` for a text that can't be parsed, which is reported: foreign data never breaks a request. */
  parse(key: string, text: string): unknown
  /** Whether two texts, of which the first was written now, are of the same value; `undefined`: there is none. */
  same(key: string, written: string | undefined, stored: string | undefined): boolean
}
