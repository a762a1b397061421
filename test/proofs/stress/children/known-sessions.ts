import type { Random } from '../random.ts'
import { type Address, COLD_SLOTS, HOT_SLOTS } from '../wire.ts'

/** Sessions that are over, or lost from sight, of which so many are remembered. */
const MOST_OLD = 40
const MOST_LASTING = 20

/** What a session is to the process that picks it. */
export interface Picked {
  session: Address | null
  /** The slot that it stands in; undefined: in none. */
  slot?: number
  role: 'hot' | 'cold' | 'lasting' | 'old'
}

/** The sessions that the processes have told each other of. */
export class KnownSessions {
  readonly #slots: (Address | null)[]
  readonly #lasting: Address[]
  readonly #old: Address[] = []

  constructor(slots: readonly (Address | null)[], lasting: readonly Address[]) {
    this.#slots = [...slots]
    this.#lasting = [...lasting]
  }

  put(slot: number, session: Address): void {
    const before = this.#slots[slot]
    if (before?.key === session.key) return
    if (before) this.#old.push(before)
    if (this.#old.length > MOST_OLD) this.#old.shift()
    this.#slots[slot] = session
  }

  /** One that nobody ever deletes. */
  addLasting(session: Address): void {
    this.#lasting.push(session)
    if (this.#lasting.length > MOST_LASTING) this.#lasting.shift()
  }

  pick(random: Random): Picked {
    const role = random.weighted({ hot: 50, cold: 40, lasting: 4, old: 6 })
    if (role === 'hot') return this.#slot(random.below(HOT_SLOTS), role)
    const others = role === 'lasting' ? this.#lasting : this.#old
    if (role !== 'cold' && others.length > 0) return { session: random.pick(others), role }
    return this.#slot(HOT_SLOTS + random.below(COLD_SLOTS), 'cold')
  }

  #slot(slot: number, role: 'hot' | 'cold'): Picked {
    return { session: this.#slots[slot] ?? null, slot, role }
  }
}
