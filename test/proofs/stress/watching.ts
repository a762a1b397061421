export interface Progress {
  seconds: number
  calls: number
  kills: number
}

/** Who looks on. */
export interface Watching {
  /** Told some times a second. */
  onProgress: (progress: Progress) => void
  /** Ends the run early, in order. */
  signal: AbortSignal
}
