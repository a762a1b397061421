import { types } from 'node:util'

/**
 * What failed and where. What an engine or a serializer says of a text quotes it, and events and errors are logged: nothing that
 * is stored is to be read there.
 */
export function withoutMessage(error: unknown): Error | undefined {
  if (!types.isNativeError(error)) return undefined
  const { name, message, stack = '' } = error
  const clean = new Error('(what it says may quote the stored value)')
  clean.name = name
  const head = `${name}: ${message}`
  clean.stack = `${name}: ${clean.message}${stack.startsWith(head) ? stack.slice(head.length) : ''}`
  return clean
}
