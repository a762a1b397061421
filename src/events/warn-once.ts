import { oneForAllCopies } from '../across-copies.ts'

/** What was said, by its code or text. Two copies of this code in a process would say the same. */
const given = oneForAllCopies('warnings', () => new Set<string>())

/** Whether a process says this for the first time; from now on it has been said. */
export function isFirst(what: string): boolean {
  if (given.has(what)) return false
  given.add(what)
  return true
}

/** Says something once in a process: with the next request it would be the same. `detail` stands below the message. */
export function warnOnce(code: `UNTORN_${string}`, message: string, detail?: string): void {
  if (!isFirst(code)) return
  process.emitWarning(message, detail === undefined ? { code } : { code, detail })
}

/** What gives a warning when it is first called: for what is once in each application, where a process has several. */
export function warningOnce(code: `UNTORN_${string}`, message: string): () => void {
  let warned = false
  return () => {
    if (!warned) process.emitWarning(message, { code })
    warned = true
  }
}
