import type { SessionKey } from '../../contract/key.ts'
import type { Texts } from './difference.ts'
import { MOST_CHARACTERS, sizeOf } from './latest.ts'

/** How many of the last links a chain is sure to remember, and half of how long it gets. */
const MOST_IN_CHAIN = 1000

/**
 * What one call was given. Behind it is the call before it, which may not have been answered yet: of several that were begun at
 * once, the last one's link leads to what each of them is given.
 */
export interface Link<Known> {
  readonly before: Link<Known> | undefined
  /** How many links there are, with this one; and what one that was shortened has of those that are gone. */
  readonly length: number
  readonly given: Map<SessionKey, Known | undefined>
  /** Characters of all that was given in these links, and in others that began with the same one. */
  readonly all: { characters: number }
}

type Given = { readonly texts?: Texts }

/** A link behind this one, or, where there are too many of them, behind none: with what was given last. */
export function after<Known extends Given>(before: Link<Known> | undefined): Link<Known> {
  if (before === undefined) return { before, length: 1, given: new Map(), all: { characters: 0 } }
  if (before.length >= 2 * MOST_IN_CHAIN || before.all.characters > MOST_CHARACTERS) return shortened(before)
  return { before, length: before.length + 1, given: new Map(), all: before.all }
}

/** `undefined`: it was said that there is none. */
export function noteIn<Known extends Given>(
  link: Link<Known>,
  key: SessionKey,
  known: Known | undefined,
): void {
  // What was given last stands last.
  link.given.delete(key)
  link.given.set(key, known)
  link.all.characters += sizeOf(known)
}

/** The given ones, among which this one is, of the last link that has it. */
export function givenIn<Known>(
  link: Link<Known> | undefined,
  key: SessionKey,
): Link<Known>['given'] | undefined {
  for (let at = link; at !== undefined; at = at.before) if (at.given.has(key)) return at.given
  return undefined
}

/** Half as many as there may be, so that this is rarely done. */
function shortened<Known extends Given>(link: Link<Known>): Link<Known> {
  const last = new Map<SessionKey, Known | undefined>()
  let characters = 0
  for (let at: Link<Known> | undefined = link; at !== undefined; at = at.before) {
    for (const [key, known] of [...at.given].reverse()) {
      if (last.has(key)) continue
      characters += sizeOf(known)
      if (last.size >= MOST_IN_CHAIN || (last.size > 0 && characters > MOST_CHARACTERS / 2)) return begun()
      last.set(key, known)
    }
  }
  return begun()

  function begun(): Link<Known> {
    return { before: undefined, length: last.size, given: new Map([...last].reverse()), all: { characters } }
  }
}
