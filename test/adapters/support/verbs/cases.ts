/** How a handler calls a method of `req.session`. */
export const HOWS = [
  'awaited',
  'not awaited',
  'not awaited, answered later',
  'with a callback',
  'awaited after the head has left',
  'not awaited after the head has left',
] as const
export type How = (typeof HOWS)[number]

/** What its session meets just before. */
export const MEETS = [
  'nothing',
  'a sign-out in another tab',
  'a sign-in in another tab',
  'a store that can not be read',
  'a store that can not be written',
  'a store that can not be used',
  'a store that could not be read from the beginning',
  'a client that leaves',
  'a client that leaves, and a store that can not be used',
] as const
export type Meets = (typeof MEETS)[number]

export interface Case {
  /** Part of every value that the case writes, so that it can be found. */
  n: number
  store: 'at once' | 'later'
  /** The method; or those that answer no promise, all of them in turn. */
  verb: string
  how: How
  meets: Meets
}

/** What a method is: whether it answers a promise over a store that does, and takes a callback in place of it. */
export interface Verb {
  name: string
  asks: boolean
  takesCallback: boolean
}

/** What the handler was told by the method. */
export interface Told {
  value?: unknown
  /** Of the error that it threw, rejected with, or called back with. */
  code?: string
}

/** What became of a case. */
export interface Facts {
  case: Case
  /** `undefined`: the answer was cut off, or the client had left. */
  answer: { status: number; text: string; cookies: string[] } | undefined
  /** Of the visitor's next request. */
  next: { status: number; session: Record<string, unknown> }
  /** Of all sessions that are stored. */
  stored: Record<string, unknown>[]
  /** Events `error`. */
  errors: number
}

export const afterHead = ({ how }: Case): boolean => how.endsWith('head has left')

/** Arguments of the methods that need some. A method that is not named here is called without. */
export const argsOf = (n: number): Record<string, unknown[]> => ({
  get: ['user'],
  has: ['user'],
  set: ['own', n],
  delete: ['notice'],
  update: ['own', () => n],
  increment: ['count'],
  once: ['token', () => n],
  flashes: ['messages'],
  flash: ['messages', n],
  take: ['notice'],
  setExpiry: ['2h'],
  onEnd: [() => {}],
})

/**
 * Every case; or one `half` of them, in which each method meets everything in every way, over one store or the other.
 */
export function casesOf(verbs: Verb[], half?: 0 | 1): Case[] {
  const cases: Case[] = []
  const add = (verb: string, how: How) => {
    for (const store of ['at once', 'later'] as const) {
      for (const meets of MEETS) {
        // The handler does not come to a call then.
        if (meets.endsWith('from the beginning') && !(verb === 'save' && how === 'awaited')) continue
        cases.push({ n: cases.length, store, verb, how, meets })
      }
    }
  }
  const others = verbs.filter(({ asks }) => !asks).map(({ name }) => name)
  for (const how of ['awaited', 'awaited after the head has left'] as const) add(others.join(' '), how)
  for (const { name, takesCallback } of verbs.filter(({ asks }) => asks)) {
    for (const how of HOWS) if (takesCallback || how !== 'with a callback') add(name, how)
  }
  if (half === undefined) return cases
  const sideOf = ({ how, meets, store }: Case) =>
    HOWS.indexOf(how) + MEETS.indexOf(meets) + (store === 'later' ? 1 : 0)
  return cases.filter((one) => sideOf(one) % 2 === half)
}
