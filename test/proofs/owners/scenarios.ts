import type { Deed } from './protocol/verbs.ts'
import type { Stored } from './store.ts'

/**
 * "#2" in the place of an id is the key of what the third verb has told. `after`: begins once these are told
 * or dead.
 */
export type Planned = Deed & { readonly after?: readonly number[] }

/** Verbs at the same time, and what is to come of them besides the promises that always hold. */
export interface Scenario {
  readonly deeds: readonly Planned[]
  /** So many come first, one after the other and without a fault. */
  readonly setUp?: number
  /** What the store has before; an anonymous session, most often. */
  readonly records?: Readonly<Record<string, Stored>>
  /** How many processes may die, and how many answers may be lost: one each, where nothing is said. */
  readonly crashes?: number
  readonly losses?: number
  /** Ticks that a session lives without use; its lifetime, where nothing is said. */
  readonly idle?: number
  /** The owner whose sessions have to go on; "u", where nothing is said. */
  readonly owner?: string
  /** The limit of devices. */
  readonly most?: number
  /** What `save` has stored in time, a sign-in has. */
  readonly keeps?: boolean
  /** The sign-in that no sign-out may end. */
  readonly victim?: number
  /** The sign-in that no limit may end. */
  readonly spared?: number
  /** The sign-ins are two clicks: both cookies work. */
  readonly clicks?: boolean
  /** One session stays one. */
  readonly onlyRotates?: boolean
  /** `false`: how it goes on is not looked at. */
  readonly goesOn?: boolean
  /** Takes minutes: `npm run owners` alone. */
  readonly isLong?: boolean
}

const anonymous: Stored = {
  version: 0,
  values: { cart: 1, planted: 1 },
  owner: null,
  createdAt: 0,
  expiresAt: 99,
}
const records = { KA: anonymous }

type Login = Extract<Deed, { verb: 'login' }>

const login = (more: Partial<Login> & Pick<Planned, 'after'> = {}): Planned => ({
  verb: 'login',
  owner: 'u',
  ...more,
})
const ofOne = { limit: { most: 1, onMore: 'end-oldest' } } as const
const ofTwo = { limit: { most: 2, onMore: 'end-oldest' } } as const
const refusing = { limit: { most: 1, onMore: 'refuse' } } as const
const rotate = (id: string, ...after: number[]): Planned => ({ verb: 'rotate', id, after })
const logout = (id: string, ...after: number[]): Planned => ({ verb: 'logout', id, after })
const save = (id: string): Planned => ({ verb: 'save', id, cart: 2 })
const tick = (...after: number[]): Planned => ({ verb: 'tick', after })
const revokeAll = (...after: number[]): Planned => ({ verb: 'revokeAll', owner: 'u', after })
const revokeOthers = (id: string): Planned => ({ verb: 'revokeOthers', id })
const revokeEverything: Planned = { verb: 'revokeEverything' }

/** No process dies. */
const alive = { crashes: 0 }
/** Each answer comes. */
const heard = { losses: 0 }
const calm = { ...alive, ...heard }

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a double click, and a kept value that is stored meanwhile': {
    deeds: [login({ old: 'KA' }), login({ old: 'KA' }), save('KA')],
    records,
    keeps: true,
    ...heard,
  },
  'a double click': { deeds: [login({ old: 'KA' }), login({ old: 'KA' })], records, clicks: true },
  'a tab that has the old id': { deeds: [login({ old: 'KA' }), login({ old: 'KA', after: [0] })], records },
  'a sign-in that is undecided': {
    deeds: [login({ old: 'KA' }), save('KA')],
    records,
    ...alive,
    losses: 2,
    keeps: true,
  },
  'two sign-ins of which one is undecided, and a note that is lost': {
    deeds: [login({ old: 'KA' }), login({ old: 'KA' })],
    records,
    ...alive,
    losses: 3,
    isLong: true,
  },
  'a sign-in with a planted id, and a logout with it': {
    deeds: [login({ old: 'KA' }), logout('KA')],
    records,
    victim: 0,
  },
  'a rotation and a logout': { deeds: [login(), rotate('#0'), logout('#0')], setUp: 1 },
  'two rotations, then a logout with the first id': {
    deeds: [login(), rotate('#0'), rotate('#1', 1), logout('#0', 2)],
    setUp: 1,
    ...alive,
  },
  'two rotations, and a logout with the first id meanwhile': {
    deeds: [login(), rotate('#0'), rotate('#1', 1), logout('#0')],
    setUp: 1,
    ...calm,
  },
  'two rotations, and a logout with the first id meanwhile; an answer is lost': {
    deeds: [login(), rotate('#0'), rotate('#1', 1), logout('#0')],
    setUp: 1,
    ...alive,
    isLong: true,
  },
  'two rotations': { deeds: [login(), rotate('#0'), rotate('#0')], setUp: 1, onlyRotates: true },
  'a rotation that is undecided, and another one': {
    deeds: [login(), rotate('#0'), rotate('#0')],
    setUp: 1,
    ...alive,
    losses: 2,
    onlyRotates: true,
    isLong: true,
  },
  'a rotation that is undecided, and a logout': {
    deeds: [login(), rotate('#0'), logout('#0')],
    setUp: 1,
    ...alive,
    losses: 2,
  },
  'two rotations and a logout': {
    deeds: [login(), rotate('#0'), rotate('#0'), logout('#0')],
    setUp: 1,
    ...calm,
  },
  'two rotations and a logout; one dies': {
    deeds: [login(), rotate('#0'), rotate('#0'), logout('#0')],
    setUp: 1,
    ...heard,
    isLong: true,
  },
  'a rotation and a save': {
    deeds: [login(), rotate('#0'), save('#0')],
    setUp: 1,
    onlyRotates: true,
    losses: 2,
    ...alive,
  },
  'a first sign-in, revokeAll, and a sign-in after it': {
    deeds: [login(), revokeAll(), login({ after: [1] })],
  },
  'a sign-in and revokeAll, twice': { deeds: [login(), revokeAll(), revokeAll()], ...calm },
  'three sign-ins and revokeAll': {
    deeds: [login(), login({ old: 'KA' }), login(), revokeAll()],
    records,
    setUp: 1,
    ...calm,
  },
  'a rotation and revokeAll': { deeds: [login(), rotate('#0'), revokeAll()], setUp: 1 },
  'a rotation, revokeAll and a logout': {
    deeds: [login(), rotate('#0'), revokeAll(), logout('#0')],
    setUp: 1,
    ...calm,
  },
  'a rotation, revokeAll and a logout; one dies': {
    deeds: [login(), rotate('#0'), revokeAll(), logout('#0')],
    setUp: 1,
    ...heard,
    isLong: true,
  },
  'a rotation and revokeAll, twice': {
    deeds: [login(), rotate('#0'), revokeAll(), revokeAll()],
    setUp: 1,
    ...calm,
    isLong: true,
  },
  'a limit of one: two sign-ins': {
    deeds: [login(ofOne), login(ofOne), login(ofOne)],
    setUp: 1,
    most: 1,
  },
  'a limit of one: two sign-ins and a rotation': {
    deeds: [login(ofOne), login(ofOne), login(ofOne), rotate('#0')],
    setUp: 1,
    most: 1,
    ...calm,
    goesOn: false,
    isLong: true,
  },
  'a limit of one: a sign-in and a rotation': {
    deeds: [login(ofOne), login(ofOne), rotate('#0')],
    setUp: 1,
    most: 1,
  },
  'a limit of two, of which one has ended by itself: a sign-in and a rotation': {
    deeds: [
      login(ofTwo),
      login(ofTwo),
      tick(),
      { verb: 'touch', id: '#0' },
      tick(),
      login(ofTwo),
      rotate('#0'),
    ],
    setUp: 5,
    most: 2,
    spared: 0,
    idle: 2,
    ...heard,
  },
  'a limit of one: a double click': {
    deeds: [login({ old: 'KA', ...ofOne }), login({ old: 'KA', ...ofOne })],
    records,
    most: 1,
    clicks: true,
    ...heard,
  },
  'a limit of one that refuses: two sign-ins': { deeds: [login(refusing), login(refusing)], most: 1 },
  'a limit of one: a sign-in behind one that died': {
    deeds: [login(ofOne), login(ofOne), login({ ...ofOne, after: [1] })],
    setUp: 1,
    most: 1,
  },
  'sign-ins and revokeEverything': {
    deeds: [login(), revokeEverything, login({ old: 'KA' }), login({ after: [1] })],
    records,
    setUp: 1,
    ...calm,
  },
  'a rotation and revokeEverything': { deeds: [login(), rotate('#0'), revokeEverything], setUp: 1 },
  'a rotation and revokeEverything, twice': {
    deeds: [login(), rotate('#0'), revokeEverything, revokeEverything],
    setUp: 1,
    ...calm,
  },
  'a sign-in and revokeEverything, twice': { deeds: [login(), revokeEverything, revokeEverything], ...calm },
  'a sign-in anew, and a logout with the id of before': {
    deeds: [login(), login({ old: '#0' }), logout('#0')],
    setUp: 1,
  },
  'two sign-ins anew, then a logout with the id of before': {
    deeds: [login(), login({ old: '#0' }), login({ old: '#0' }), logout('#0', 1, 2)],
    setUp: 1,
    ...heard,
  },
  'a sign-in anew, a rotation and a logout': {
    deeds: [login(), login({ old: '#0' }), rotate('#0'), logout('#0')],
    setUp: 1,
    ...calm,
  },
  'a sign-in anew and a rotation': { deeds: [login(), login({ old: '#0' }), rotate('#0')], setUp: 1 },
  'another owner signs in over a session, and it is rotated': {
    deeds: [login(), login({ owner: 'v', old: '#0' }), rotate('#0')],
    setUp: 1,
    owner: 'v',
  },
  'another owner signs in over a session, and it is signed out': {
    deeds: [login(), login({ owner: 'v', old: '#0' }), logout('#0')],
    setUp: 1,
    victim: 1,
    owner: 'v',
  },
  'revokeOthers, revokeAll and a rotation': {
    deeds: [login(), revokeOthers('#0'), revokeAll(), rotate('#0')],
    setUp: 1,
    ...calm,
  },
  'revokeOthers and a rotation of another session': {
    deeds: [login(), login(), revokeOthers('#0'), rotate('#1')],
    setUp: 2,
    ...heard,
  },
  'revokeOthers, revokeAll and a sign-in': {
    deeds: [login(), revokeOthers('#0'), revokeAll(), login()],
    setUp: 1,
    ...calm,
  },
  'a device is ended by its handle while it is rotated': {
    deeds: [login(), rotate('#0'), { verb: 'revoke', owner: 'u', handle: 'f0_1' }],
    setUp: 1,
  },
  'another owner names the handle of a device': {
    deeds: [login(), { verb: 'revoke', owner: 'v', handle: 'f0_1' }, rotate('#0')],
    setUp: 1,
    victim: 0,
    ...calm,
  },
  'a session is used after the time of another, and revokeAll': {
    deeds: [login(), tick(), { verb: 'touch', id: '#0', after: [1] }, tick(1), revokeAll()],
    setUp: 2,
    idle: 2,
    ...calm,
  },
  'an owner whose record has expired: two sign-ins and revokeAll': {
    deeds: [login(), tick(), tick(1), tick(2), login({ after: [3] }), login({ after: [3] }), revokeAll(3)],
    setUp: 4,
    ...calm,
  },
  'a sign-in while two ticks go by, and revokeAll': {
    deeds: [login(), login(), tick(), tick(), revokeAll()],
    setUp: 1,
    ...calm,
  },
  'a rotation at the end of its session, and revokeAll': {
    deeds: [login(), tick(), rotate('#0'), revokeAll()],
    setUp: 1,
    ...calm,
  },
}
