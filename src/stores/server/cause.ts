import { types } from 'node:util'

/** What is kept of a driver's error: what went wrong and where, and nothing of what was sent. */
const KEPT = ['code', 'errno', 'syscall', 'address', 'port', 'severity', 'routine'] as const

/**
 * A driver's error without what it may carry of a command: its arguments, the row that failed, the connection's options.
 * Those are values of sessions, keys and passwords, and a cause is logged.
 */
export function cleanCause(error: unknown): Error {
  const { name, message, stack } = isError(error) ? error : new Error(textOf(error))
  const clean = new Error(withoutSecrets(message))
  clean.name = name
  if (stack !== undefined) clean.stack = withoutSecrets(stack)
  for (const property of KEPT) {
    const value: unknown = (error as Record<string, unknown> | null)?.[property]
    if (typeof value === 'string' || typeof value === 'number') {
      Object.defineProperty(clean, property, { value, enumerable: true })
    }
  }
  // Of several addresses that were tried, each has its own (AggregateError).
  const { errors } = (error ?? {}) as { errors?: unknown }
  if (Array.isArray(errors)) Object.defineProperty(clean, 'errors', { value: errors.map(cleanCause) })
  return clean
}

/** An error of Node.js itself is of another realm than this code where that runs in one of its own, as in Jest. */
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown)
}

/** Not everything that is thrown can be made a text. */
function textOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null ? 'an object that is no error' : String(thrown)
}

/**
 * A text in which no connection string has a user or a password left, and nothing is left of what Redis quotes of a
 * command that it does not know.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s'"]*@/gi, '$1***@')
    .replace(/(, with args beginning with:).*/gi, '$1 ***')
}
