/** Chance that can be played again (mulberry32, Tommy Ettinger, public domain: 32 bits of state, a few operations). */
export class Seeded {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 up to, but not including, `n`. */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * n)
  }

  /** True about once in `n` times. */
  oneIn(n: number): boolean {
    return this.below(n) === 0
  }

  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!
  }
}
