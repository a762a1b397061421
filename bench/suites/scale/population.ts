import type { SessionKey } from 'untorn'
import { sessionKey } from '../../candidates/untorn.ts'

/** Sessions by number, each with a key of its own for good: a run that was stopped finds what it has made. */
export function keyOf(index: number): SessionKey {
  return sessionKey(`session ${index}`)
}

/** Every other one expires at once, and is left for the sweep. */
export function isExpired(index: number): boolean {
  return index % 2 === 1
}

/** Sessions that are used again and again. */
export const HOT = 64

/** A number of a session that is only ever loaded: no save has made its file longer. */
export function loadedIndex(turn: number): number {
  return turn * 4
}

/** A number of a session that is saved. */
export function savedIndex(turn: number): number {
  return turn * 4 + 2
}

/** One of these in so many sessions; the hot ones left out. */
export function randomTurn(sessions: number): number {
  return HOT + Math.floor(Math.random() * (sessions / 4 - HOT))
}

export function label(sessions: number): string {
  return `${sessions.toLocaleString('en')} sessions`
}
