import { isReserved, reservedKeys } from '../../values/data.ts'
import type { Texts } from '../kept/difference.ts'
import { storedJson } from '../kept/json.ts'

/*
 * What is kept of an item: its key, which getKeys has to give, and its text. The text of a plain object is kept value by value,
 * so that what two requests change in it both stays; any other is one value.
 */

/** The values of a record for this item. */
export function textsOf(key: string, text: string): Texts {
  const values = valuesIn(text) ?? [[reservedKeys.text, JSON.stringify(text)]]
  return new Map([[reservedKeys.name, JSON.stringify(key)], ...values])
}

/** The item's text: as it was given, but that values of an object may stand in another order. */
export function textIn(texts: Texts): string {
  const text = texts.get(reservedKeys.text)
  if (text !== undefined) return storedJson(reservedKeys.text, text) as string
  const values = [...texts].filter(([name]) => !isReserved(name))
  return `{${values.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
}

/** The item's key; `undefined`: this is no item, or a damaged one. */
export function keyIn(texts: Texts): string | undefined {
  const text = texts.get(reservedKeys.name)
  if (text === undefined) return undefined
  try {
    const key: unknown = JSON.parse(text)
    return typeof key === 'string' ? key : undefined
  } catch {
    return undefined
  }
}

/** Only of what JSON.stringify has made: another text could not be given back as it was. */
function valuesIn(text: string): [string, string][] | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const object: Record<string, unknown> = JSON.parse(text)
    if (JSON.stringify(object) !== text || Object.keys(object).some(isReserved)) return undefined
    return Object.entries(object).map(([name, value]) => [name, JSON.stringify(value)])
  } catch {
    return undefined
  }
}
