import type { SessionStore } from '../../contract/store.ts'
import { isReserved, reservedKeys } from '../../values/data.ts'
import type { Texts } from '../kept/difference.ts'
import { storedJson } from '../kept/json.ts'
import { KeptItems } from '../unstorage/items.ts'
import { checkItemOptions } from '../unstorage/options.ts'
import { entriesIn, textOfMap } from './devalue.ts'

/** What Astro asks of a session driver. */
export interface AstroDriver {
  getItem(key: string): Promise<string | null>
  setItem(key: string, value: string): Promise<void>
  removeItem(key: string): Promise<void>
  /**
   * Does the work of one request, in which the server has it answered: what it reads is what its own changes are told from. For
   * servers that are none of `node:http`; without it they are told from what this process has read last.
   */
  within<T>(work: () => T): T
}

/** Throws `InvalidOptionError`. */
export function astroDriver(given: unknown, defaultStore: () => SessionStore): AstroDriver {
  const { records, ...options } = checkItemOptions(given, 'astro', defaultStore)
  const items = new KeptItems(records, { ...options, areSessions: true, textsOf, textIn })
  return {
    getItem: (key) => items.get(key),
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.remove(key),
    within: (work) => items.within(work),
  }
}

/** The session's values by their names, each with its end. Its id, by which Astro calls it, is not among them. */
function textsOf(_id: string, text: string): Texts {
  const entries = entriesIn(text)
  if (entries?.every(([name]) => !isReserved(name))) return new Map(entries)
  return new Map([[reservedKeys.text, JSON.stringify(text)]])
}

function textIn(texts: Texts): string {
  const text = texts.get(reservedKeys.text)
  return text === undefined ? textOfMap(texts) : (storedJson(reservedKeys.text, text) as string)
}
