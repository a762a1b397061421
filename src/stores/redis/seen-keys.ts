import type { SessionKey } from '../../contract/key.ts'

/** 32-bit words kept of a key. 96 bits of a SHA-256: no two of any number of sessions share them by chance. */
const WORDS = 3
const HEX_OF_A_WORD = 8
const FIRST_SLOTS = 1024

/**
 * Keys met in a listing: a scan may show one twice. A `Set` of their texts ends at 16 million of them, fewer than a server is
 * meant for, and takes five times the memory, in the heap of a process that does no more than look for one user's sessions.
 */
export class SeenKeys {
  #slots = FIRST_SLOTS
  #words = new Uint32Array(FIRST_SLOTS * WORDS)
  #count = 0

  /** Whether a key is new; it has been seen from then on. */
  add(key: SessionKey): boolean {
    const word = (n: number): number =>
      Number.parseInt(key.slice(n * HEX_OF_A_WORD, (n + 1) * HEX_OF_A_WORD), 16)
    // Never all zeros, which is an empty slot.
    const [a, b, c] = [word(0) || 1, word(1), word(2)]
    if (this.#put(a, b, c)) return false
    if (++this.#count * 2 > this.#slots) this.#grow()
    return true
  }

  /** Whether it was there. */
  #put(a: number, b: number, c: number): boolean {
    const words = this.#words
    for (let slot = a % this.#slots; ; slot = (slot + 1) % this.#slots) {
      const at = slot * WORDS
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c) return true
      if (words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0) {
        words[at] = a
        words[at + 1] = b
        words[at + 2] = c
        return false
      }
    }
  }

  #grow(): void {
    const before = this.#words
    this.#slots *= 2
    this.#words = new Uint32Array(this.#slots * WORDS)
    for (let at = 0; at < before.length; at += WORDS) {
      const [a, b, c] = before.subarray(at, at + WORDS) as unknown as [number, number, number]
      if (a !== 0 || b !== 0 || c !== 0) this.#put(a, b, c)
    }
  }
}
