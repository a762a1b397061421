import { createHash } from 'node:crypto'

/** Chance that can be played again: the same seed draws the same numbers. */
export class Random {
  #state: number

  /** Every part of a run draws from a generator of its own, named by the parts of its seed. */
  constructor(...seed: readonly (string | number)[]) {
    // Never 0, which xorshift would not leave again.
    this.#state = createHash('sha256').update(seed.join('/')).digest().readUInt32LE() || 1
  }

  /** From 0 up to, but not including, 1. */
  fraction(): number {
    // Marsaglia's xorshift with the shifts 13, 17, 5: poor for secrets, plenty for a mixture.
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) / 2 ** 32
  }

  /** A whole number from 0 up to, but not including, `count`. */
  below(count: number): number {
    return Math.floor(this.fraction() * count)
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  /** `true` in about this share of the draws. */
  chance(share: number): boolean {
    return this.fraction() < share
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('Nothing to pick from.')
    return list[this.below(list.length)]!
  }

  /** One of the names, each as often as its weight says. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const names = Object.keys(weights) as T[]
    let left = this.fraction() * names.reduce((sum, name) => sum + weights[name], 0)
    for (const name of names) {
      left -= weights[name]
      if (left < 0) return name
    }
    throw new RangeError('Nothing to pick from.')
  }
}
