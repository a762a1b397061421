import type { Session } from '../../../src/index.ts'
import { asksForNewId } from '../../support/new-id.ts'
import { BEFORE, signIn } from './stage.ts'

export interface Deed {
  what: string
  /** What the handler does before its answer. What it does not wait for may fail unseen, as in an adapter. */
  act(session: Session): unknown
  /** What the session holds if it was done; `undefined`: there is none any more. */
  done: Record<string, unknown> | undefined
  /** It takes a new id: a process that dies behind the decision takes the session with it. */
  moves?: boolean
}

const unseen = async (work: () => unknown) => {
  try {
    await work()
  } catch {
    // Nobody waits for it.
  }
}

const SIGNED_IN = { ...BEFORE, user: 'ada' }

/** All that a request does to a session in more than one call, and in one. */
export const DEEDS: readonly Deed[] = [
  { what: 'sets a value', act: (session) => session.set('user', 'ada'), done: SIGNED_IN },
  {
    what: 'sets a value and saves by itself',
    async act(session) {
      session.set('user', 'ada')
      await session.save()
    },
    done: SIGNED_IN,
  },
  { what: 'signs in', act: signIn, done: SIGNED_IN, moves: true },
  {
    what: 'signs in, and waits for the new id first',
    async act(session) {
      asksForNewId(session)
      await session.save()
      session.set('user', 'ada')
    },
    done: SIGNED_IN,
    moves: true,
  },
  {
    what: 'signs in, and does not wait for the new id',
    async act(session) {
      asksForNewId(session)
      await unseen(() => session.save())
      session.set('user', 'ada')
    },
    done: SIGNED_IN,
    moves: true,
  },
  {
    what: 'takes a new id twice',
    async act(session) {
      asksForNewId(session)
      await session.save()
      signIn(session)
    },
    done: SIGNED_IN,
    moves: true,
  },
  {
    what: 'logs in, and keeps what was there',
    async act(session) {
      await session.login('ada', { keep: ['cart', 'notice'] })
      session.set('user', 'ada')
    },
    done: SIGNED_IN,
    moves: true,
  },
  { what: 'signs out', act: (session) => session.destroy(), done: undefined },
  {
    what: 'signs out, and does not wait for it',
    act: (session) => unseen(() => session.destroy()),
    done: undefined,
  },
  {
    what: 'refreshes a token for all who ask',
    act: (session) => session.once('token', () => 'new'),
    done: { ...BEFORE, token: 'new' },
  },
  {
    what: 'counts, flashes, and saves by itself',
    async act(session) {
      session.increment('views')
      session.flash('message', 'Saved')
      await session.save()
    },
    done: { ...BEFORE, views: 1 },
  },
  { what: 'shows a notice once', act: (session) => session.take('notice'), done: { cart: BEFORE.cart } },
]
