import type { Answer, AnswerTo, Call } from '../store.ts'

/** What a verb tells its caller. */
export interface Told {
  readonly result: 'ok' | 'gone' | 'revoked' | 'refused' | 'none' | 'failed'
  /** The key of the session that its cookie is for. */
  readonly key?: string
  /** That one had this key before. */
  readonly from?: string
}

/** A verb of the protocol, call by call. What it does once it has told its result, nobody waits for. */
export type Steps<T = void> = Generator<readonly Call[] | Told, T, readonly (Answer | typeof LOST)[]>

/**
 * In the place of an answer: the call was carried out, or was not, or will be. One for all copies of this
 * module.
 */
export const LOST = Symbol.for('lost')

/** A call whose answer was lost has failed. */
export class LostAnswer extends Error {}

/** Calls side by side: in any order. */
export function* together<const C extends readonly Call[]>(
  ...calls: C
): Steps<{ -readonly [I in keyof C]: AnswerTo<C[I]> }> {
  const answers = yield calls
  if (answers.includes(LOST)) throw new LostAnswer()
  return answers as { -readonly [I in keyof C]: AnswerTo<C[I]> }
}

/** Of calls side by side what came of each. */
export function* eachOf<const C extends readonly Call[]>(
  ...calls: C
): Steps<{ -readonly [I in keyof C]: AnswerTo<C[I]> | typeof LOST }> {
  return (yield calls) as { -readonly [I in keyof C]: AnswerTo<C[I]> | typeof LOST }
}

export function* ask<const C extends Call>(call: C): Steps<AnswerTo<C>> {
  const [answer] = yield* together(call)
  return answer as AnswerTo<C>
}

/** For as many calls as there are; for none nobody is asked. */
export function* all(calls: readonly Call[]): Steps {
  if (calls.length > 0) yield* together(...calls)
}

export function* tell(told: Told): Steps {
  yield told
}

/** What is done for tidiness alone, or can't be done better: if it fails it is left. */
export function* quietly(steps: Steps<unknown>): Steps {
  try {
    yield* steps
  } catch (error) {
    if (!(error instanceof LostAnswer)) throw error
  }
}

/** What a verb knows of where it runs. */
export interface Setting {
  /** New at each call. */
  readonly fresh: (kind: string) => string
  /** In ticks. */
  readonly now: number
  /** Some verb of this scenario ends sign-ins by an epoch. Otherwise nobody looks at when a request came. */
  readonly revokes: boolean
  /** The same of the application's epoch. */
  readonly revokesEverything: boolean
  /** Ticks that a session lives without use. */
  readonly idle: number
}

/** Ticks. */
export const LIFETIME = 3
/** Of what outlives every scenario. */
export const LONG = 99
