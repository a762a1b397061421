import { isReserved } from '../../values/data.ts'
import { Session } from './session.ts'

/** The values of a session as JSON, by their names. What JSON can't say is not there. */
export type Texts = ReadonlyMap<string, string>

export const NO_TEXTS: Texts = new Map()

/** As they are now. Its cookie is none of them. Throws what `JSON.stringify` throws. */
export function textsOf(session: object): Texts {
  const texts = new Map<string, string>()
  for (const [name, value] of Object.entries(session)) {
    if (name === 'cookie') continue
    const text: string | undefined = JSON.stringify(value)
    if (text !== undefined) texts.set(name, text)
  }
  return texts
}

/** What of a record's values is a session's: what untorn keeps for itself is not, nor what a method has the name of. */
export function isValueName(name: string): boolean {
  return name !== 'cookie' && !isReserved(name) && !(name in Session.prototype)
}

/** Whether two texts say different things; `before` may have been written by others, who write JSON in another way. */
export function differ(before: string | undefined, now: string): boolean {
  return before !== now && (before === undefined || canonical(before) !== now)
}

function canonical(text: string): string {
  return JSON.stringify(JSON.parse(text))
}

/** Whether anything was set, changed or deleted. */
export function haveChanged(before: Texts, now: Texts): boolean {
  for (const [name, text] of now) if (differ(before.get(name), text)) return true
  for (const name of before.keys()) if (!now.has(name) && isValueName(name)) return true
  return false
}
