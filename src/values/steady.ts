import { sameValue } from './same.ts'
import type { Serializer } from './serializer.ts'

/** The text that an object was read from or first written as, and the one that it had when it was last looked at. */
interface Texts {
  readonly first: string
  latest: string
}

/**
 * A serializer whose texts tell what has changed, made of any: one that encrypts gives another text each time, and each
 * read would become a write. Here an object that is as it was has the text that it had.
 */
export class SteadySerializer implements Serializer {
  readonly #serializer: Serializer
  readonly #texts = new WeakMap<object, Texts>()

  constructor(serializer: Serializer) {
    this.#serializer = serializer
  }

  stringify(value: unknown): string {
    const text = this.#serializer.stringify(value)
    // What is no text is for the caller to refuse.
    if (!isObject(value) || typeof text !== 'string') return text
    const texts = this.#texts.get(value)
    if (texts === undefined) {
      this.#texts.set(value, { first: text, latest: text })
      return text
    }
    if (this.same(text, texts.first)) return texts.first
    if (!this.same(text, texts.latest)) texts.latest = text
    return texts.latest
  }

  parse(text: string): unknown {
    const value = this.#serializer.parse(text)
    if (isObject(value)) this.#texts.set(value, { first: text, latest: text })
    return value
  }

  /** Whether two texts are of the same value. Where that can't be told, as of one that can't be parsed, they are not. */
  same(written: string, stored: string): boolean {
    if (written === stored) return true
    try {
      const value = this.#serializer.parse(stored)
      return (
        sameValue(value, this.#serializer.parse(written)) || this.#serializer.stringify(value) === written
      )
    } catch {
      return false
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
