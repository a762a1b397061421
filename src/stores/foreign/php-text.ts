import { utf8 } from './content.ts'
import { Unreadable } from './unreadable.ts'

/** The ways in which PHP writes a session (`session.serialize_handler`). */
export type PhpHandler = 'php' | 'php_serialize' | 'php_binary'

/** The values of a session. Throws {@link Unreadable}. */
export function phpValues(bytes: Buffer, handler: PhpHandler): Map<string, unknown> {
  const reader = new Reader(bytes)
  if (handler === 'php_serialize') return reader.wholeArray()
  const values = new Map<string, unknown>()
  while (!reader.isAtEnd) {
    const name = handler === 'php' ? reader.until(BAR) : reader.byLength()
    values.set(name, reader.value(0))
  }
  return values
}

const COLON = 0x3a
const SEMICOLON = 0x3b
const QUOTE = 0x22
const OPEN = 0x7b
const CLOSE = 0x7d
const BAR = 0x7c

/** As deep as what is kept may be, and some more. */
const DEEPEST = 256

/** Digits of the largest number that can be exact, a sign, and what a float may have. */
const LONGEST_NUMBER = 40

const FLOAT = /^-?(\d+(\.\d*)?|\.\d+)(E[+-]?\d+)?$/i

/**
 * Reads what `serialize()` of PHP writes: null, booleans, numbers, texts and arrays, and each exactly as it is written. What
 * could make an object or refer to another value is refused: no length and no count is believed, they only say what has to
 * come.
 */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** All there is, as an array. */
  wholeArray(): Map<string, unknown> {
    if (this.#letter() !== 'a') throw new Unreadable('it is no array')
    const entries = this.#entries(0)
    if (!this.isAtEnd) throw damaged()
    return new Map([...entries].map(([name, value]) => [String(name), value]))
  }

  /** A text up to a byte, which is passed. */
  until(end: number): string {
    const to = this.#bytes.indexOf(end, this.#at)
    if (to === -1) throw damaged()
    const text = utf8(this.#bytes.subarray(this.#at, to))
    this.#at = to + 1
    return text
  }

  /** A text behind a byte that says how long it is. */
  byLength(): string {
    const length = this.#bytes[this.#at]!
    this.#at++
    if (length > 127 || this.#at + length > this.#bytes.length) throw damaged()
    return this.#text(length)
  }

  value(depth: number): unknown {
    if (depth > DEEPEST) throw new Unreadable(`it is nested more than ${DEEPEST} deep`)
    const letter = this.#letter()
    switch (letter) {
      case 'N':
        this.#expect(SEMICOLON)
        return null
      case 'b':
        return this.#boolean()
      case 'i':
        return this.#integer()
      case 'd':
        return this.#float()
      case 's':
        return this.#string()
      case 'a':
        return asJson(this.#entries(depth))
      case 'r':
      case 'R':
        throw new Unreadable('it has a reference to another value')
      default:
        throw /[OCES]/.test(letter) ? new Unreadable('it has an object of PHP') : damaged()
    }
  }

  #letter(): string {
    const letter = String.fromCharCode(this.#bytes[this.#at] ?? 0)
    this.#at++
    return letter
  }

  #expect(byte: number): void {
    if (this.#bytes[this.#at] !== byte) throw damaged()
    this.#at++
  }

  /** What stands between a colon and a byte, which is passed. */
  #number(end: number): string {
    this.#expect(COLON)
    const to = this.#bytes.subarray(this.#at, this.#at + LONGEST_NUMBER).indexOf(end)
    if (to === -1) throw damaged()
    const text = this.#bytes.toString('latin1', this.#at, this.#at + to)
    this.#at += to + 1
    return text
  }

  #boolean(): boolean {
    const text = this.#number(SEMICOLON)
    if (text !== '0' && text !== '1') throw damaged()
    return text === '1'
  }

  #integer(): number {
    const text = this.#number(SEMICOLON)
    if (!/^-?\d+$/.test(text)) throw damaged()
    if (!Number.isSafeInteger(Number(text))) throw new Unreadable('a number in it is too large')
    return Number(text)
  }

  #float(): number {
    const text = this.#number(SEMICOLON)
    if (/^(-?INF|NAN)$/.test(text)) throw new Unreadable('a number in it is none that JSON has')
    if (!FLOAT.test(text)) throw damaged()
    return Number(text)
  }

  #count(): number {
    const text = this.#number(COLON)
    if (!/^\d+$/.test(text)) throw damaged()
    return Number(text)
  }

  #string(): string {
    const length = this.#count()
    this.#expect(QUOTE)
    if (this.#at + length > this.#bytes.length) throw damaged()
    const text = this.#text(length)
    this.#expect(QUOTE)
    this.#expect(SEMICOLON)
    return text
  }

  #text(length: number): string {
    const text = utf8(this.#bytes.subarray(this.#at, this.#at + length))
    this.#at += length
    return text
  }

  #entries(depth: number): Map<string | number, unknown> {
    const count = this.#count()
    this.#expect(OPEN)
    const entries = new Map<string | number, unknown>()
    for (let n = 0; n < count; n++) {
      const letter = this.#letter()
      if (letter !== 'i' && letter !== 's') throw damaged()
      const name = letter === 'i' ? this.#integer() : this.#string()
      entries.set(name, this.value(depth + 1))
    }
    this.#expect(CLOSE)
    return entries
  }
}

/** A list where it is one, as PHP has no other word for it. */
function asJson(entries: ReadonlyMap<string | number, unknown>): unknown {
  let next = 0
  for (const name of entries.keys()) if (name !== next++) return Object.fromEntries(entries)
  return [...entries.values()]
}

function damaged(): Unreadable {
  return new Unreadable('it is damaged, or written by another `handler`')
}
