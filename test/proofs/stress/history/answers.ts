import type { Facts } from './facts.ts'
import type { Operation, SeenError } from './operation.ts'
import type { Violation } from './rules.ts'

/** Errors are for failures of the system: of untorn's own, typed, with their cause, and silent about the session. */
export function checkErrors({ session, operations }: Facts): Violation[] {
  return operations.flatMap((operation) => {
    if (operation.answer?.is !== 'failed') return []
    const wrong = wrongWith(operation.answer.error)
    if (wrong === undefined) return []
    const text = `${operation.id} failed with an error that ${wrong}.`
    return [{ promise: 'errors are typed', session, text, operations: [operation] }]
  })
}

function wrongWith({ ours, name, code, cause, message, leaks }: SeenError): string | undefined {
  if (!ours) return `is none of untorn's: ${name}: ${message}`
  if (leaks) return "names the session's key in full"
  if (code === 'UNTORN_STORE_BUSY') return undefined
  if (code !== 'UNTORN_STORE_UNAVAILABLE') return `has no business here: ${code}: ${message}`
  return cause ? undefined : `doesn't say what the system said: ${message}`
}

/** When processes were stopped, by their name: time in which nothing can be expected of them. */
export type Stops = ReadonlyMap<string, readonly { from: number; to: number }[]>

/** Nobody waits for longer than the store allows, while its process was running. */
export function checkWaits({ session, operations, rules }: Facts, stops: Stops): Violation[] {
  return operations.flatMap((operation) => {
    const waited = runningTime(operation, stops)
    if (waited <= rules.longestWait) return []
    const text = `${operation.id} took ${Math.round(waited)} ms, not counting what its process was stopped for.`
    return [{ promise: 'nobody stuck', session, text, operations: [operation] }]
  })
}

function runningTime({ worker, begun, ended }: Operation, stops: Stops): number {
  let running = ended - begun
  if (running === 0) return 0
  for (const { from, to } of stops.get(worker) ?? []) {
    running -= Math.max(0, Math.min(ended, to) - Math.max(begun, from))
  }
  return running
}
