import type { Session, Sessions } from '../../../src/index.ts'

/** What a request can do. */
export type Does =
  | 'reads'
  | 'changes'
  | 'updates'
  | 'takes'
  | 'login'
  | 'rotate'
  | 'confirm'
  | 'logout'
  | 'revokeAll'
  | 'revokeOthers'
  | 'revokeEverything'
  | 'expiry'

export interface Verb {
  readonly name: string
  readonly does: Does
  /** Who signs in, or whose sessions are ended. */
  readonly owner?: string
  /** `mark`: a text that only this request puts into the session. */
  act?(session: Session, sessions: Sessions, mark: string): unknown
}

/** What a sign-in keeps. `before` is none of it. */
export const KEPT = ['cart', 'count']

export const ADA = 'ada'
export const BOB = 'bob'

const login = (owner: string): Verb => ({
  name: `login ${owner}`,
  does: 'login',
  owner,
  act: (session) => session.login(owner, { keep: KEPT }),
})

/** All that two requests of a visitor can meet each other with. */
export const VERBS = {
  reads: { name: 'read', does: 'reads', act: (session) => session.get('cart') },
  changes: {
    name: 'change',
    does: 'changes',
    act(session, _, mark) {
      session.set('cart', mark)
      session.set('before', mark)
    },
  },
  updates: {
    name: 'update',
    does: 'updates',
    act: (session) => session.update('count', (count = 0) => (count as number) + 1),
  },
  takes: { name: 'take', does: 'takes', act: (session) => session.take('notice') },
  loginAda: login(ADA),
  loginBob: login(BOB),
  rotate: { name: 'rotate', does: 'rotate', act: (session) => session.rotate() },
  confirm: { name: 'confirm', does: 'confirm', act: (session) => session.confirm() },
  logout: { name: 'logout', does: 'logout', act: (session) => session.logout() },
  revokeAll: {
    name: 'revokeAll',
    does: 'revokeAll',
    owner: ADA,
    act: (_, sessions) => sessions.revokeAll(ADA),
  },
  revokeOthers: { name: 'revokeOthers', does: 'revokeOthers', act: (session) => session.revokeOthers() },
  revokeEverything: {
    name: 'revokeEverything',
    does: 'revokeEverything',
    act: (_, sessions) => sessions.revokeEverything(),
  },
  expiry: { name: 'expiry', does: 'expiry' },
} as const satisfies Record<string, Verb>

export const ALL_VERBS: readonly Verb[] = Object.values(VERBS)
