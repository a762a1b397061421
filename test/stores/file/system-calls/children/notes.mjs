// Notes for the trace, on a descriptor of their own. Plain JavaScript, as all that is traced: a loader for TypeScript
// is threads and processes whose calls would be in the trace.
import { writeSync } from 'node:fs'

const NOTES = 3

/** A step begins, or is about to ask for something: `{ key, sets, ends }`, see `../notes.ts`. */
export function asks(step, asked) {
  writeSync(NOTES, `asks ${step} ${asked ? JSON.stringify(asked) : ''}`)
}

/** What the step asked for was done, says the store. */
export function answers(step) {
  writeSync(NOTES, `answers ${step}`)
}
