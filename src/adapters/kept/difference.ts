import type { SessionChange } from '../../contract/record.ts'

/** Values as JSON, by their names. What JSON can't say is not there. */
export type Texts = ReadonlyMap<string, string>

/** What somebody was given, as far as their changes are the difference to it. */
export interface Given {
  /** The values, as they were handed out or saved last. What others have done since is not in it. */
  readonly texts: Texts
  /** Names of values that a save has changed which failed: whether it stands, nobody knows. */
  readonly inDoubt?: ReadonlySet<string> | undefined
}

/** What makes the given ones these. What is in doubt is said once more. */
export function differenceTo({ texts: before, inDoubt }: Given, texts: Texts): SessionChange {
  const set = new Map<string, string>()
  for (const [name, text] of texts) {
    if (inDoubt?.has(name) || differ(before.get(name), text)) set.set(name, text)
  }
  const gone = [...new Set([...before.keys(), ...(inDoubt ?? [])])].filter((name) => !texts.has(name))
  const change: SessionChange = {}
  if (set.size > 0) change.set = set
  if (gone.length > 0) change.delete = gone
  return change
}

/** The names of the values that a change touches. */
export function namesIn(change: SessionChange): ReadonlySet<string> {
  return new Set([...(change.set?.keys() ?? []), ...(change.delete ?? [])])
}

/** Whether two texts say different things; `before` may have been written by others, who write JSON in another way. */
export function differ(before: string | undefined, now: string): boolean {
  return before !== now && (before === undefined || canonical(before) !== now)
}

/** `undefined`: it can't be read, or is too deep to be looked at, and is no other text's equal. */
function canonical(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return undefined
  }
}
