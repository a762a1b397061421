import type { SessionState } from '../../session/state.ts'

/** A session whose handler goes on, and is waited for by nobody. */
export interface LeftSession {
  /** The state as it is now. */
  state(): SessionState
  /** Saves what there is to save, where that needs no cookie, behind what is being saved. */
  save(): Promise<void>
  report(error: unknown): void
}

/** Milliseconds to the first look for changes that nobody saw being made. Each next one comes after twice as long, */
const FIRST = 100
/** but after no longer than this: who comes back has to find what was changed. */
const LONGEST = 5000
/** From then on nobody looks: what a handler has not done by now it should do elsewhere. */
const LOOKED_FOR = 50_000
/** So many at a time, as each is held meanwhile. Of more, those that have been looked at for longest are let go. */
const MOST = 1000

const looked = new Set<UnwaitedChanges>()

/**
 * Saves what a handler changes behind the commit of a request that was given up. What it sets is saved as it comes. What it changes
 * deep inside a value, nobody sees being made: it is looked for again and again, for a minute.
 */
export class UnwaitedChanges {
  readonly #session: LeftSession
  #isSavingSoon = false
  #next: NodeJS.Timeout | undefined

  constructor(session: LeftSession) {
    this.#session = session
  }

  /** What is changed in one go is saved in one go. */
  saveSoon(): void {
    if (this.#isSavingSoon) return
    this.#isSavingSoon = true
    setImmediate(() => {
      this.#isSavingSoon = false
      void this.#save(true)
    })
  }

  /** Looks for changes from now on, where some could be saved. */
  lookAgain(): void {
    if (looked.has(this) || !canBeSaved(this.#session.state())) return
    const [oldest] = looked
    if (oldest !== undefined && looked.size >= MOST) oldest.#stop()
    looked.add(this)
    this.#session.state().values.isHeld = true
    this.#lookIn(FIRST, 0)
  }

  #lookIn(ms: number, before: number): void {
    this.#next = setTimeout(() => void this.#look(ms, before + ms), ms).unref()
  }

  /** `soFar`: for how long it has been looked for. */
  async #look(ms: number, soFar: number): Promise<void> {
    const isLast = soFar >= LOOKED_FOR
    // What can't be saved may be half made, or the store away: the next look tries it again, and the last one tells.
    if (this.#session.state().changed) await this.#save(isLast)
    if (isLast || !canBeSaved(this.#session.state())) this.#stop()
    else if (looked.has(this)) this.#lookIn(Math.min(2 * ms, LONGEST), soFar)
  }

  #stop(): void {
    clearTimeout(this.#next)
    looked.delete(this)
  }

  async #save(tells: boolean): Promise<void> {
    try {
      await this.#session.save()
    } catch (error) {
      if (tells) this.#session.report(error)
    }
  }
}

/** It is stored, or being stored: what is gone is never saved again, and what begins now would need a cookie. */
function canBeSaved({ standing, busy }: SessionState): boolean {
  return standing.kind === 'stored' || busy !== undefined
}
