import { MisuseError } from '../../errors.ts'
import { isReserved } from '../../values/data.ts'
import type { Texts } from './difference.ts'
import { jsonOf, storedJson } from './json.ts'

/**
 * The values of an object that JSON knows. Throws what `JSON.stringify` throws, `NotSerialisableError` for what is nested too deeply, and
 * `MisuseError` for a name of untorn's own.
 */
export function textsOfObject(object: object): Map<string, string> {
  const texts = new Map<string, string>()
  for (const [name, value] of Object.entries(object)) {
    const text = jsonOf(name, value)
    if (text === undefined) continue
    if (isReserved(name)) throw reserved(name)
    texts.set(name, text)
  }
  return texts
}

/** Throws `NotSerialisableError` for what can't be read. */
export function objectOf(texts: Texts): Record<string, unknown> {
  const values = [...texts].filter(([name]) => !isReserved(name))
  return Object.fromEntries(values.map(([name, text]) => [name, storedJson(name, text)]))
}

/** The same of what can be read; what can't is left out, and told of. */
export function readableObjectOf(
  texts: Texts,
  unreadable: (error: unknown) => void,
): Record<string, unknown> {
  const values: [string, unknown][] = []
  for (const [name, text] of texts) {
    if (isReserved(name)) continue
    try {
      values.push([name, storedJson(name, text)])
    } catch (error) {
      unreadable(error)
    }
  }
  return Object.fromEntries(values)
}

function reserved(name: string): MisuseError {
  return new MisuseError(
    `A value of a session can't be called "${name}": names that begin so are untorn's own. Call it otherwise.`,
  )
}
