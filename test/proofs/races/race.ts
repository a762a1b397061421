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
