import { setTimeout as delay } from 'node:timers/promises'
import type { Site } from './site.ts'

/** A row of the matrix: requests that overlap in one certain way, forced by barriers and never by waiting. */
export interface Race {
  /** What a user would see. */
  title: string
  run(site: Site): Promise<void>
}

export interface Group {
  group: string
  races: readonly Race[]
}

export function race(title: string, run: (site: Site) => Promise<void>): Race {
  return { title, run }
}

/** A race that does not come to its end, on something that is broken, is lost as well. */
export function inTime(race: Promise<void>): Promise<void> {
  const late = delay(5000, undefined, { ref: false }).then(() => {
    throw new Error('It does not end.')
  })
  return Promise.race([race, late])
}
