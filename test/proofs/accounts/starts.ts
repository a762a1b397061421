import type { Session, Sessions } from '../../../src/index.ts'
import { cookieOf, idIn } from './cookie.ts'
import { ADA, KEPT } from './verbs.ts'

/** An id that somebody was given before the two requests. */
export interface Given {
  readonly id: string
  readonly owner: string | undefined
  /** Of one device, or browser. */
  readonly device: string
  readonly isAlive: boolean
}

/** What was before the two requests: the ids that were given, and which of them each shows. */
export interface Begun {
  readonly given: readonly Given[]
  readonly shows: readonly [first: Given | undefined, second: Given | undefined]
}

export interface Start {
  readonly name: string
  /** The two do not show the same, so that it matters which of them does what. */
  readonly isOneSided: boolean
  /** Milliseconds that go by until the two come. */
  readonly later?: number
  begin(sessions: Sessions): Begun
}

const BEFORE = { cart: 'tea', count: 1, notice: 'Hello', before: 'this' }

/** One request over a store that answers at once. */
function visit(sessions: Sessions, shown: string | undefined, act: (session: Session) => unknown): string {
  const session = sessions.open(cookieOf(shown)) as Session
  act(session)
  return idIn(session.commit() as string)!
}

const filled = (session: Session): void => {
  for (const [name, value] of Object.entries(BEFORE)) session.set(name, value)
  session.setExpiry('1h')
}

function anonymous(sessions: Sessions): string {
  return visit(sessions, undefined, filled)
}

/** Signed in, with all the values there. */
function signedIn(sessions: Sessions, shown?: string): string {
  return visit(sessions, shown, (session) => {
    void session.login(ADA, { keep: KEPT })
    filled(session)
  })
}

const rotated = (sessions: Sessions, shown: string) => visit(sessions, shown, (session) => session.rotate())

const alive = (id: string, owner: string | undefined, device = 'one'): Given => ({
  id,
  owner,
  device,
  isAlive: true,
})
const replaced = (id: string, owner: string | undefined): Given => ({ ...alive(id, owner), isAlive: false })

const both = (given: Given): Begun => ({ given: [given], shows: [given, given] })

/** The first request has the old id, the second one the new. */
const oldAndNew = (old: Given, now: Given): Begun => ({ given: [old, now], shows: [old, now] })

function bothShowTheOld(sessions: Sessions): Begun {
  const old = replaced(signedIn(sessions), ADA)
  return { given: [old, alive(rotated(sessions, old.id), ADA)], shows: [old, old] }
}

export const STARTS = {
  nobody: { name: 'nobody', isOneSided: false, begin: () => ({ given: [], shows: [undefined, undefined] }) },
  anonymous: {
    name: 'an anonymous session',
    isOneSided: false,
    begin: (sessions) => both(alive(anonymous(sessions), undefined)),
  },
  signedIn: {
    name: 'signed in',
    isOneSided: false,
    begin: (sessions) => both(alive(signedIn(sessions), ADA)),
  },
  twoDevices: {
    name: 'signed in on two devices',
    isOneSided: false,
    begin(sessions) {
      const given = [alive(signedIn(sessions), ADA), alive(signedIn(sessions), ADA, 'two')] as const
      return { given, shows: given }
    },
  },
  rotated: {
    name: 'signed in, and the id just replaced',
    isOneSided: true,
    begin(sessions) {
      const old = signedIn(sessions)
      return oldAndNew(replaced(old, ADA), alive(rotated(sessions, old), ADA))
    },
  },
  rotatedForBoth: {
    name: 'signed in, and the id just replaced, of which both have the old one',
    isOneSided: false,
    begin: bothShowTheOld,
  },
  answerLost: {
    name: 'signed in, and the id replaced a while ago, which nobody was told',
    isOneSided: false,
    later: 10_000,
    begin: bothShowTheOld,
  },
  rotatedAnonymous: {
    name: 'an anonymous session, and the id just replaced',
    isOneSided: true,
    begin(sessions) {
      const old = anonymous(sessions)
      return oldAndNew(replaced(old, undefined), alive(rotated(sessions, old), undefined))
    },
  },
  justSignedIn: {
    name: 'just signed in, from an anonymous session',
    isOneSided: true,
    begin(sessions) {
      const old = anonymous(sessions)
      return oldAndNew(replaced(old, undefined), alive(signedIn(sessions, old), ADA))
    },
  },
  signedInAgain: {
    name: 'signed in, and just once more',
    isOneSided: true,
    begin(sessions) {
      const old = signedIn(sessions)
      return oldAndNew(replaced(old, ADA), alive(signedIn(sessions, old), ADA))
    },
  },
  newcomer: {
    name: 'signed in, and a second device comes',
    isOneSided: true,
    begin(sessions) {
      const given = alive(signedIn(sessions), ADA)
      return { given: [given], shows: [undefined, given] }
    },
  },
  newcomers: {
    name: 'signed in, and two more devices come',
    isOneSided: false,
    begin: (sessions) => ({ given: [alive(signedIn(sessions), ADA)], shows: [undefined, undefined] }),
  },
} as const satisfies Record<string, Start>
