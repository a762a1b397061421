import type { Facts } from './facts.ts'
import { authorOf, changesValues } from './operation.ts'
import { fateOf } from './rules.ts'
import type { Maker } from './states.ts'
import type { SeenVersion } from './versions.ts'

/** Of those whose values nobody ever saw, so many are tried for a gap. */
const MOST_UNSEEN = 12

/** The calls without an answer, of which each may have made one version. */
export class Candidates {
  readonly #left: Set<Maker>
  readonly #seen: ReadonlySet<string>

  constructor(facts: Facts, versions: readonly SeenVersion[]) {
    const makers: Maker[] = [
      ...facts.creators,
      ...facts.saves.filter(({ call }) => changesValues(call.change)),
    ]
    this.#left = new Set(makers.filter((maker) => fateOf(maker, facts.rules) === 'unknown'))
    this.#seen = this.#left.size === 0 ? new Set() : authorsIn(versions)
  }

  /** Those that may have made a version between two that were seen. */
  between(before: SeenVersion | undefined, after: SeenVersion): Maker[] {
    const authors = authorsIn([after])
    const own = [...this.#left].filter(({ id }) => authors.has(id))
    // One whose values others replaced before anybody saw them; those that were seen have their place where they were.
    const unseen = [...this.#left]
      .filter(({ id }) => !this.#seen.has(id))
      .filter(({ begun, ended }) => begun <= after.reachedBy && ended >= (before?.stillAfter ?? 0))
    return [...own, ...unseen.slice(0, MOST_UNSEEN)]
  }

  /** Each has one place at most. */
  placed(makers: Iterable<Maker>): void {
    for (const maker of makers) this.#left.delete(maker)
  }
}

function authorsIn(versions: readonly SeenVersion[]): Set<string> {
  return new Set(versions.flatMap(({ state }) => Object.values(state.values).map(authorOf)))
}
