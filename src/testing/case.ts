import type { SessionStore } from '../contract/store.ts'

/**
 * What a store may lack and still keep the contract:
 *
 * - `byOwner`, `count`: the methods of that name.
 * - `reopen`: a second store object over the same data (memory that no other process sees).
 * - `sweep`: expired sessions that wait for `clearExpired` (a server that drops them by itself).
 */
export type Capability = 'byOwner' | 'count' | 'reopen' | 'sweep'

export const CAPABILITIES: readonly string[] = ['byOwner', 'count', 'reopen', 'sweep'] satisfies Capability[]

/** The stores that a case plays on; all are closed after it. */
export interface Stage {
  /** The store that is asked, with whatever it keeps from what it saw before. */
  here: SessionStore
  /** Another object over the same data, as another process has it; with one store object, `here` again. */
  there: SessionStore
  /** One more fresh store, over data of its own. */
  open(): Promise<SessionStore>
}

export type Check = (stage: Stage) => Promise<void>

/** With how many store objects over the same data a case is run; `either`: once with one and once with two. */
export type Objects = 'one' | 'two' | 'either'

export interface Case {
  title: string
  objects: Objects
  needs: readonly Capability[]
  check: Check
}

/** Cases that show one promise, by title. */
export function group(
  promise: string,
  checks: Readonly<Record<string, Check>>,
  { objects = 'either', needs = [] }: Partial<Pick<Case, 'objects' | 'needs'>> = {},
): Case[] {
  return Object.entries(checks).map(([title, check]) => ({
    title: `${promise}: ${title}`,
    objects,
    needs,
    check,
  }))
}
