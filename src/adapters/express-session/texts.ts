import { isReserved } from '../../values/data.ts'
import { differ, type Texts } from '../kept/difference.ts'
import { jsonOf } from '../kept/json.ts'
import { Session } from './session.ts'

export const NO_TEXTS: Texts = new Map()

/** As they are now. Its cookie is none of them. Throws what {@link jsonOf} throws. */
export function textsOf(session: object): Texts {
  const texts = new Map<string, string>()
  for (const [name, value] of Object.entries(session)) {
    if (name === 'cookie') continue
    const text = jsonOf(name, value)
    if (text !== undefined) texts.set(name, text)
  }
  return texts
}

/** What of a record's values is a session's: what untorn keeps for itself is not, nor what a method has the name of. */
export function isValueName(name: string): boolean {
  return name !== 'cookie' && !isReserved(name) && !(name in Session.prototype)
}

/** Whether anything was set, changed or deleted. */
export function haveChanged(before: Texts, now: Texts): boolean {
  for (const [name, text] of now) if (differ(before.get(name), text)) return true
  for (const name of before.keys()) if (!now.has(name) && isValueName(name)) return true
  return false
}

/** A session of express-session's has these itself: it does not show values of these names, and can't change them. */
const OF_SESSIONS = ['id', 'req']

/** What of these values a session shows. */
export function shownBy(texts: Texts): Texts {
  if (!OF_SESSIONS.some((name) => texts.has(name))) return texts
  return new Map([...texts].filter(([name]) => !OF_SESSIONS.includes(name)))
}
