/** A function that was given to `update`. */
export type Update = (value: unknown) => unknown

interface Touched {
  /** What the handler sees; it may change it in place. */
  value: unknown
  /** `value` as text when it was read or written; `undefined`: there is none. */
  text: string | undefined
  /** The stored text that it was read from, or that it overwrote: it is a change as far as it differs from this. */
  base: string | undefined
  /** When it expires by itself, in milliseconds since the epoch. */
  until?: number | undefined
  /** It was made of what had been read, and changed in place. */
  fromRead?: boolean
}

/** What a request did to one key. */
export type Entry =
  | (Touched & { kind: 'read' })
  | (Touched & { kind: 'written' })
  | (Touched & {
      kind: 'updated'
      /** The text that led to `text`, by all of the updates; `null`: none, some of them have been saved. */
      from: string | undefined | null
      updates: Update[]
    })
