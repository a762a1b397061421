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
