import type { SessionKey } from '../../contract/key.ts'
import type { Texts } from './difference.ts'

/** How many characters of texts are remembered in one place: what 2,000 sessions of 16 kB have. */
export const MOST_CHARACTERS = 32 * 1024 * 1024

/** What is remembered, by its texts if it has some. */
type Remembered = { readonly texts?: Texts } | string | true | undefined

/**
 * What was handed out last: so much of it at most, and with so many characters together. What was put in last stays, whatever
 * its size.
 */
export class Latest<T extends Remembered> {
  readonly #all = new Map<SessionKey, { readonly value: T; readonly size: number }>()
  readonly #most: number
  readonly #mostCharacters: number
  #characters = 0
  #hasForgotten = false

  constructor(most: number, mostCharacters = MOST_CHARACTERS) {
    this.#most = most
    this.#mostCharacters = mostCharacters
  }

  /** Whether there was too much, so that some of it is not there any more. */
  get hasForgotten(): boolean {
    return this.#hasForgotten
  }

  get(key: SessionKey): T | undefined {
    return this.#all.get(key)?.value
  }

  has(key: SessionKey): boolean {
    return this.#all.has(key)
  }

  /** Makes it the latest. To be called again where its texts are others now. */
  put(key: SessionKey, value: T): void {
    this.delete(key)
    const size = sizeOf(value)
    this.#all.set(key, { value, size })
    this.#characters += size
    for (const oldest of this.#all.keys()) {
      const fits = this.#all.size <= this.#most && this.#characters <= this.#mostCharacters
      if (fits || oldest === key) return
      this.delete(oldest)
      this.#hasForgotten = true
    }
  }

  delete(key: SessionKey): void {
    const there = this.#all.get(key)
    if (there === undefined) return
    this.#all.delete(key)
    this.#characters -= there.size
  }

  clear(): void {
    this.#all.clear()
    this.#characters = 0
  }
}

export function sizeOf(value: Remembered): number {
  let size = 0
  const texts = typeof value === 'object' ? value.texts : undefined
  if (texts !== undefined) for (const [name, text] of texts) size += name.length + text.length
  return size
}
