const given = new Set<string>()

/** Says something once in a process: with the next request it would be the same. `detail` stands below the message. */
export function warnOnce(code: `UNTORN_${string}`, message: string, detail?: string): void {
  if (given.has(code)) return
  given.add(code)
  process.emitWarning(message, detail === undefined ? { code } : { code, detail })
}
