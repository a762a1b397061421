const told = new Set<string>()

/** Says once in a process that something should be said in another way. */
export function deprecated(message: string): void {
  if (told.has(message)) return
  told.add(message)
  process.emitWarning(message, { type: 'DeprecationWarning', code: 'UNTORN_EXPRESS_SESSION' })
}
