/** A serializer with the session's key at hand, so that what goes wrong can be named. */
export interface Codec {
  /** Throws `NotSerialisableError`. */
  stringify(key: string, value: unknown): string
  /** `undefined` for a text that can't be parsed, which is reported: foreign data never breaks a request. */
  parse(key: string, text: string): unknown
}
