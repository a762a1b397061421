import { invalidArgument } from '../../errors.ts'

/**
 * Redis keeps bytes, and half a surrogate pair has none in UTF-8: every driver would store another character without a
 * word. Throws a `TypeError` (`UNTORN_INVALID_ARGUMENT`) that quotes nothing.
 */
export function assertWellFormed(
  values: ReadonlyMap<string, string> | undefined,
  owner: string | null | undefined,
): void {
  let wellFormed = typeof owner !== 'string' || isWellFormed(owner)
  if (values) for (const [name, text] of values) wellFormed &&= isWellFormed(name) && isWellFormed(text)
  if (wellFormed) return
  throw invalidArgument(
    'values or owner',
    'half a surrogate pair (\\ud800 to \\udfff alone) in a name, a text or the owner is nothing that Redis can keep: leave ' +
      'it out, or write it as an escape',
  )
}

// The compiler's library for Node.js 20 does not know it yet.
interface Text {
  isWellFormed(): boolean
}

export function isWellFormed(text: string): boolean {
  return (text as unknown as Text).isWellFormed()
}
