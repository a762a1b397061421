import { setTimeout as delay } from 'node:timers/promises'
import { type Steps, settled } from '../contract/wait.ts'
import { SessionConflictError } from '../errors.ts'
import type { Settings } from './settings.ts'

const LONGEST_PAUSE = 20
const TRIES_WITHOUT_PAUSE = 3

/**
 * Between two tries of a save that others were faster than: throws {@link SessionConflictError} when there have been
 * enough. With an asynchronous store it lets the others go on for a moment, more and more of it; with a synchronous
 * one they are other processes, and each try costs microseconds.
 */
export function* beforeNextTry(settings: Settings, tries: number, asynchronous: boolean): Steps<void> {
  if (tries > settings.retries) throw new SessionConflictError(tries)
  if (!asynchronous || tries <= TRIES_WITHOUT_PAUSE) return
  const longest = Math.min(LONGEST_PAUSE, 2 ** (tries - TRIES_WITHOUT_PAUSE))
  yield* settled(delay(Math.random() * longest))
}
