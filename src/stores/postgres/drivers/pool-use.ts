/** What is used of a Pool of `pg` where it has it. A Client has none of it, and so nothing to wait for. */
interface Pool {
  on?(event: 'acquire' | 'release', listener: (...args: unknown[]) => void): unknown
  readonly options?: { max?: number }
  readonly waitingCount?: number
}

const OF_POOLS = new WeakMap<object, PoolUse>()

/**
 * Who uses the connections of a Pool. What waits there was never sent, and to say that the server did not answer would
 * send whoever reads it to the wrong place.
 */
export class PoolUse {
  readonly #pool: Pool
  readonly #inUse = new Set<unknown>()
  /** Statements of sessions that wait for a connection, or have one. */
  #own = 0

  private constructor(pool: object) {
    this.#pool = pool
    if (this.#pool.waitingCount === undefined) return
    this.#pool.on?.('acquire', (client) => void this.#inUse.add(client))
    this.#pool.on?.('release', (_, client) => void this.#inUse.delete(client))
  }

  /** One for all stores that a pool has. */
  static of(pool: object): PoolUse {
    const known = OF_POOLS.get(pool)
    if (known !== undefined) return known
    const use = new PoolUse(pool)
    OF_POOLS.set(pool, use)
    return use
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#own++
    try {
      return await work()
    } finally {
      this.#own--
    }
  }

  /** Why no statement of the store is with the server, where that is so. */
  get unsent(): string | undefined {
    const { waitingCount = 0, options } = this.#pool
    const max = options?.max ?? Number.POSITIVE_INFINITY
    // Those of the store may be among the ones that wait; that they are not is known where there are more.
    if (this.#inUse.size < max || this.#own === 0 || this.#own > waitingCount) return undefined
    return (
      `all ${max} connections of the pool are in use, and none of them by the store: see what holds them (a transaction ` +
      'that is left open, a client that is never released, slow queries), or give the pool more (`max`)'
    )
  }
}
