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
  /** Somebody has signed in to the visitor's session, and on a phone as well. */
  owned: boolean
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
  next: { status: number; session: Record<string, unknown>; owner?: string }
  /** Of all sessions that are stored. */
  stored: Record<string, unknown>[]
  /** Events `error`. */
  errors: number
}

export const afterHead = ({ how }: Case): boolean => how.endsWith('head has left')

/** Who has signed in to the visitor's session, if somebody has; and who does by the method. */
export const ownerBefore = (n: number): string => `owner ${n}`
export const ownerAfter = (n: number): string => `next owner ${n}`

/** The values that a sign-in takes along. */
export const KEPT = ['user', 'notice', 'before']

/**
 * Arguments of the methods that need some. A method that is not named here is called without. `phone`: the handle of their
 * other device.
 */
export const argsOf = (n: number, phone = 'none'): Record<string, unknown[]> => ({
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
  login: [ownerAfter(n), { keep: KEPT }],
  revoke: [phone],
  requireFresh: ['10m'],
})

/** What is about who has signed in. */
const OF_OWNERS = ['login', 'confirm', 'revoke', 'revokeOthers', 'devices', 'requireFresh']

/** Called where nobody has signed in, which it refuses. */
export const refusesAnonymous = ({ verb, owned }: Pick<Case, 'verb' | 'owned'>): boolean =>
  !owned && ['confirm', 'revokeOthers', 'requireFresh'].includes(verb)

/**
 * Every case; or those of one of two hosts between which each method meets everything in every way once, over one store or
 * the other. What has nothing to do with owners is then called where nobody has signed in.
 */
export function casesOf(verbs: Verb[], host?: 0 | 1): Case[] {
  const cases: Case[] = []
  const add = (verb: string, how: How, owned: boolean) => {
    for (const store of ['at once', 'later'] as const) {
      for (const meets of MEETS) {
        // The handler does not come to a call then.
        if (meets.endsWith('from the beginning') && !(verb === 'save' && how === 'awaited')) continue
        // It comes to no store.
        if (refusesAnonymous({ verb, owned }) && meets !== 'nothing') continue
        cases.push({ n: cases.length, store, verb, how, meets, owned })
      }
    }
  }
  const addBoth = (verb: string, how: How) => {
    const ofOwners = OF_OWNERS.includes(verb)
    if (host === undefined || ofOwners) add(verb, how, true)
    if (host === undefined || !ofOwners || verb === 'login' || refusesAnonymous({ verb, owned: false }))
      add(verb, how, false)
  }
  const others = verbs.filter(({ asks, name }) => !asks && name !== 'requireFresh').map(({ name }) => name)
  for (const how of ['awaited', 'awaited after the head has left'] as const) {
    addBoth(others.join(' '), how)
    addBoth('requireFresh', how)
  }
  for (const { name, takesCallback } of verbs.filter(({ asks }) => asks)) {
    for (const how of HOWS) if (takesCallback || how !== 'with a callback') addBoth(name, how)
  }
  if (host === undefined) return cases
  const sideOf = ({ how, meets, store }: Case) =>
    HOWS.indexOf(how) + MEETS.indexOf(meets) + (store === 'later' ? 1 : 0)
  return cases.filter((one) => sideOf(one) % 4 === 2 * host)
}
