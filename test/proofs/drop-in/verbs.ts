import type { Session } from '../../../src/express-session.ts'
import { type SessionStore, sessionKey } from '../../../src/index.ts'

/** What a request is served with, as far as a verb asks for it. */
export interface Served {
  session: Session
  sessionID: string
}

export interface Verb {
  readonly name: string
  /** Whether it ends the session that it comes with, also for the other request. */
  readonly ends: boolean
  /** What is there behind it: of each value its text, or nothing. `mark`: what only this request sets. */
  readonly leaves: (mark: string) => Record<string, unknown>
  /** What is there in the middle of it, and stays if it comes no further. */
  readonly passes?: (mark: string) => Record<string, unknown>
  /** Fails with what a callback is told. What it answers it has seen of `a` before it set that. */
  act(req: Served, mark: string, store: SessionStore): unknown
}

const called = (call: (done: (error?: unknown) => void) => unknown): Promise<void> =>
  new Promise((resolve, reject) => void call((error) => (error ? reject(error) : resolve())))

const nothing = (): Record<string, unknown> => ({})

/** Of what a session begins with. */
export const BEFORE = { a: 'before', deep: { of: 'before' }, passing: 'before' }

/** All that two requests of a visitor can meet each other with. */
export const VERBS = {
  reads: { name: 'read', ends: false, leaves: nothing, act: (req) => req.session.a },
  changes: {
    name: 'change',
    ends: false,
    leaves: (mark) => ({ a: mark }),
    act(req, mark) {
      req.session.a = mark
    },
  },
  adds: {
    name: 'add',
    ends: false,
    leaves: (mark) => ({ [mark]: mark }),
    act(req, mark) {
      req.session[mark] = mark
    },
  },
  changesDeep: {
    name: 'change deep',
    ends: false,
    leaves: (mark) => ({ deep: { of: mark } }),
    act(req, mark) {
      req.session.deep ??= {}
      req.session.deep.of = mark
    },
  },
  deletes: {
    name: 'delete a value',
    ends: false,
    leaves: () => ({ passing: undefined }),
    act(req) {
      delete req.session.passing
    },
  },
  saves: {
    name: 'save, change, and save',
    ends: false,
    leaves: (mark) => ({ a: mark, [mark]: undefined }),
    passes: (mark) => ({ [mark]: mark }),
    async act(req, mark) {
      req.session[mark] = mark
      req.session.save()
      delete req.session[mark]
      req.session.a = mark
      await called((done) => req.session.save(done))
    },
  },
  reloads: {
    name: 'reload, and set back',
    ends: false,
    leaves: () => ({ a: BEFORE.a }),
    async act(req) {
      await called((done) => req.session.reload(done))
      const seen = req.session.a
      req.session.a = BEFORE.a
      return seen
    },
  },
  lingers: {
    name: 'linger',
    ends: false,
    leaves: nothing,
    act: (req, _mark, store) => store.exists(sessionKey(req.sessionID)),
  },
  touches: {
    name: 'touch',
    ends: false,
    leaves: nothing,
    act(req) {
      req.session.touch()
    },
  },
  destroys: {
    name: 'destroy',
    ends: true,
    leaves: nothing,
    act: (req) => called((done) => req.session.destroy(done)),
  },
  unsets: {
    name: 'unset',
    ends: true,
    leaves: nothing,
    act(req) {
      ;(req as { session: unknown }).session = null
    },
  },
  regenerates: {
    name: 'regenerate',
    ends: true,
    leaves: (mark) => ({ user: mark }),
    async act(req, mark) {
      await called((done) => req.session.regenerate(done))
      req.session.user = mark
    },
  },
  revokes: {
    name: 'revoke by the store',
    ends: true,
    leaves: nothing,
    act: (req, _mark, store) => store.delete(sessionKey(req.sessionID)),
  },
} as const satisfies Record<string, Verb>

export const ALL_VERBS: readonly Verb[] = Object.values(VERBS)
