import { isFirst } from '../../events/warn-once.ts'

/** Says once in a process that something should be said in another way. */
export function deprecated(message: string): void {
  if (!isFirst(message)) return
  process.emitWarning(message, { type: 'DeprecationWarning', code: 'UNTORN_EXPRESS_SESSION' })
}
