import { readFileSync } from 'node:fs'

/** What the cores have done since the start of the system, in ticks. */
interface Ticks {
  all: number
  /** Withheld by the machine that this is a guest of. */
  stolen: number
}

/** Percent; above it, what has no disk at all is late by tens of milliseconds too. */
const TOLERABLE = 5

/** `undefined`: not Linux. */
export function ticks(): Ticks | undefined {
  try {
    const [, ...counts] = readFileSync('/proc/stat', 'utf8')
      .split('\n', 1)[0]!
      .trim()
      .split(/\s+/)
      .map(Number)
    const own = counts.slice(0, 8) // those of guests after them are in the first two already
    return { all: own.reduce((sum, count) => sum + count, 0), stolen: own[7]! }
  } catch {
    return undefined
  }
}

/** No program here can tell such a pause from a block of its own: a reader should know how many there were. */
export function stolenNote(before: Ticks | undefined, after: Ticks | undefined): string | undefined {
  if (!before || !after) return undefined
  const part = ((after.stolen - before.stolen) / (after.all - before.all)) * 100
  const note = `Of the time of the cores ${part.toFixed(1)} % was withheld by the host meanwhile (steal)`
  return part > TOLERABLE ? `${note}: too much to tell a disk's pauses from those. Run it again.` : `${note}.`
}
