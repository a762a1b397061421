import { NotSerialisableError } from '../../errors.ts'
import { nameOf } from '../../values/data.ts'
import { withoutMessage } from '../../values/without-message.ts'

/**
 * A value as JSON; `undefined`: JSON does not know it. Throws what `JSON.stringify` throws, but `NotSerialisableError` where that
 * goes deeper than a stack does.
 */
export function jsonOf(name: string, value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new NotSerialisableError(name, 'it is nested deeper than can be written as JSON', { cause })
  }
}

/** What a stored value says. Throws `NotSerialisableError`, which quotes nothing of it. */
export function storedJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw unreadable(name, error)
  }
}

/** Somebody else has written it. It stays where it is: who mends or deletes it has the rest of the session again. */
export function unreadable(name: string, error?: unknown): NotSerialisableError {
  const why = 'what the store has there is no text that untorn has written; mend it there, or delete it'
  return new NotSerialisableError(nameOf(name), why, { cause: withoutMessage(error) })
}
