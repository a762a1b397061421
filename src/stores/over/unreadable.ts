/** What lies in the source and can't be read as a session: a damaged file, a file that somebody put there. It stays there. */
export interface UnreadableCounts {
  /** How much of that there is: it is left out, and the others are taken. */
  unreadable: number
  /** What the source says of the first hundred: where it is, and what to do. */
  notRead: string[]
}

const MOST_LISTED = 100

/** Takes note of what a listing of the source could not read. */
export class Unreadable {
  readonly #messages: string[] = []
  #count = 0

  /** To be told of each. */
  readonly note = ({ message }: Error): void => {
    this.#count++
    if (this.#messages.length < MOST_LISTED) this.#messages.push(message)
  }

  get counts(): UnreadableCounts {
    return { unreadable: this.#count, notRead: [...this.#messages] }
  }
}
