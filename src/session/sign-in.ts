import { type SessionKey, shortKey } from '../contract/key.ts'
import type { SessionRecord } from '../contract/record.ts'
import { type Steps, settled } from '../contract/wait.ts'
import { newId } from '../cookie/id.ts'
import { SignInRevokedError, TooManySessionsError } from '../errors.ts'
import { belongingOf, familyOf, newSignIn, signInText } from '../owners/belonging.ts'
import { endInvalid } from '../owners/end.ts'
import { type Before, type Entering, enterSignIn, forget, lookBefore, withdraw } from '../owners/enter.ts'
import { ownerKey } from '../owners/keys.ts'
import { forgetExpired, makeRoom } from '../owners/limit.ts'
import { entryName, type OwnerRecord, signInName } from '../owners/record.ts'
import { reservedKeys } from '../values/data.ts'
import { NO_VALUES } from '../values/values.ts'
import type { Clock } from './clock.ts'
import { createRecord } from './create.ts'
import { noteBegun } from './dead.ts'
import { describe } from './describe.ts'
import { refuseDetached } from './detached.ts'
import { checkLimits } from './limits.ts'
import { bringUpToDate, decide, orGiveUp, storedUntil } from './move.ts'
import { fence, loadSession } from './moved.ts'
import { listenEarly } from './on-end.ts'
import { noteReplaced } from './replaced.ts'
import { valuesAfter } from './save.ts'
import type { SignInPlan } from './sign-in-options.ts'
import { removeDestroyed } from './sign-out.ts'
import { type Live, live } from './standing.ts'
import type { Carried, Move, SessionState } from './state.ts'
import { removeQuietly, takeBack } from './undecided.ts'
import { refuseWithheld } from './withheld.ts'

/**
 * Signs somebody in: a new session with nothing in it but what is to be kept, that belongs to them. The steps:
 *
 * 1. the owner's record is looked at, and the application's: what is raised from now on ends this sign-in
 * 2. the session is stored under a new id
 * 3. it is entered in the owner's record, and the application's is looked at again; ended meanwhile, it goes
 * 4. there is room for it (`maxPerOwner`)
 * 5. the session that it takes the place of ends (`move.ts`). If that is gone, or has another id, it is no matter: a
 *    second click on "sign in" signs in
 *
 * Whatever fails leaves the visitor as they were. Afterwards what has ended is removed. `done`: what the request had done to
 * values when it asked for it; what came since is the new session's.
 */
export function* signIn(state: SessionState, plan: SignInPlan, done: ReadonlySet<unknown>): Steps<void> {
  refuseDetached(state)
  refuseWithheld(state)
  yield* removeDestroyed(state)
  if (state.undecided !== undefined) yield* takeBack(state, state.undecided)
  const { registry } = state.policy
  const { clock } = state.policy
  const underWay = clock.underWay(state.arrivedAt)
  const before = yield* lookBefore(registry, plan.owner)
  if (yield* cameBefore(before, clock, underWay)) yield* refuseRevoked(state, plan, before)
  const signing = yield* start(state, plan, before)
  const entered = yield* orGiveUp(state, signing.move, enter(state, signing, before))
  const { old, move } = signing
  if (old === undefined) yield* orGiveUp(state, move, keepOfTwin(state, plan, signing, entered))
  const found = old && (yield* orGiveUp(state, move, decide(state, { ...move, old })))
  yield* become(state, plan, signing, done)
  const ended = found?.fate === 'moved' ? found.record : undefined
  if (ended !== undefined) state.policy.ends.tell(old!.key, 'rotated')
  const isNoted = ended !== undefined && (yield* noteReplaced(state.policy, old!.id, belongingOf(ended)))
  tidy(state, entered, signing.entering, ended && { key: old!.key, record: ended, isNoted })
}

/** A sign-in under way. */
interface Signing {
  readonly old: Live | undefined
  readonly move: Move
  readonly entering: Entering
}

/** Milliseconds: a revocation that is to come by more was made by a clock that was wrong, and must lock nobody out. */
const AHEAD = 60_000

/**
 * It began when its request arrived: what it was granted by may have been changed since, and all sessions ended for that. Of two
 * that are of one millisecond nobody can say which was first; the epoch decides then.
 *
 * `underWay`: milliseconds until what was answered last was sent. The time of a server is that of its last answer: so the
 * request is taken to have arrived as late as it can have, and nobody who came after a revocation is refused.
 */
function* cameBefore({ revokedAt }: Before, clock: Clock, underWay: number): Steps<boolean> {
  const now = yield* settled(clock.now())
  return revokedAt > now - underWay && revokedAt < now + AHEAD
}

/** Not every server says with a load what time it is, but with a change: so what seems to have come before is asked once more. */
function* refuseRevoked(
  { policy, arrivedAt }: SessionState,
  { owner }: SignInPlan,
  before: Before,
): Steps<void> {
  const { store, app, clock } = policy
  const underWay = clock.underWay(arrivedAt)
  yield* settled(store.save(ownerKey(app, owner), fence))
  if (yield* cameBefore(before, clock, underWay)) throw new SignInRevokedError()
}

/** Stores the session, under an id that nobody has yet. */
function* start(state: SessionState, plan: SignInPlan, { application }: Before): Steps<Signing> {
  const { policy, standing } = state
  const { owner } = plan
  const old = standing.kind === 'stored' ? standing : undefined
  const createdAt = policy.clock.known
  const whose = state.whose.find((each) => each.owner === owner)
  const signIn = newSignIn(whose, state.lastStored?.key ?? state.shownOnly?.shown)
  const own = signInText({ signIn, authenticatedAt: createdAt, application, app: policy.app })
  const carry = ({ values }: Pick<SessionRecord, 'values'>) => kept(state, plan, values, own)
  const { values, resolution } = carry(old?.record ?? { values: NO_VALUES })
  const record = { values, createdAt, expiresAt: storedUntil(policy, createdAt, values), owner }
  const { id, key } = yield* createRecord(policy, record, newId)
  const entering = { owner, signIn, key, about: describe(state) }
  const move: Move = {
    copy: { id, key, record: { ...record, version: 0 }, resolution },
    carry,
    givenUp: () => withdraw(policy.registry, entering),
    ended() {
      throw new SignInRevokedError()
    },
  }
  return { old, move, entering }
}

/** What of a record stays, as it is by now, and what this request has made of it. */
function kept(
  { values, policy }: SessionState,
  { keep }: SignInPlan,
  record: ReadonlyMap<string, string>,
  own: string,
): Carried {
  const before = new Map([...record].filter(([name]) => keep.has(name)))
  const resolution = values.changeFor(before, keep)
  const after = new Map(valuesAfter(before, resolution))
  checkLimits(policy.settings, after)
  return { values: after.set(reservedKeys.signIn, own), resolution }
}

/** Makes the session known to its owner, and room for it. */
function* enter({ policy }: SessionState, { entering }: Signing, before: Before): Steps<OwnerRecord> {
  const { registry, limit } = policy
  const { owner, signIn } = entering
  const record = yield* enterSignIn(registry, entering, before)
  if (record === undefined) throw new SignInRevokedError()
  if (limit === undefined) return record
  if (!(yield* makeRoom(registry, owner, { record, signIn }, limit)))
    throw new TooManySessionsError(limit.most)
  return record
}

/**
 * A second click on "sign in", and a client that never got the first one's cookie, come with the id that the first sign-in has
 * replaced: what is to be kept is there by now.
 */
function* keepOfTwin(
  state: SessionState,
  { keep, owner }: SignInPlan,
  { move, entering }: Signing,
  record: OwnerRecord,
): Steps<void> {
  if (keep.size === 0) return
  const family = familyOf(entering.signIn)
  const twins = record.valid.filter(({ signIn }) => signIn !== entering.signIn && familyOf(signIn) === family)
  for (const { signIn } of twins.sort((a, b) => b.rank - a.rank)) {
    for (const { key } of record.entriesOf((each) => each === signIn)) {
      const twin = yield* settled(loadSession(state.policy.store, key))
      if (twin?.owner !== owner) continue
      const { values, resolution } = move.carry(twin)
      move.copy.resolution = resolution
      return yield* bringUpToDate(state, move, values, owner)
    }
  }
}

/** The request's session is the new one from now on. */
function* become(
  state: SessionState,
  { keep }: SignInPlan,
  { move, entering }: Signing,
  done: ReadonlySet<unknown>,
): Steps<void> {
  const { resolution, ...stored } = move.copy
  const { shownOnly, lastStored } = state
  const former = shownOnly?.former ?? lastStored?.former
  state.values.narrow(keep, done, resolution, stored.record.values)
  state.standing = { ...live(stored, former), hasSaved: true }
  state.adoptId(stored.id)
  state.accessed = true
  state.touched = false
  state.begun = false
  state.asked = false
  state.unmet = undefined
  state.cookieDue = 'set'
  state.policy.report({ type: 'signed-in', key: shortKey(stored.key), owner: entering.owner })
  listenEarly(state)
  if (state.dead.length > 0) yield* noteBegun(state)
}

/**
 * Removes what has ended. `ended`: the session that this one has taken the place of, by its own doing. If that is not noted, its
 * record goes on saying so.
 */
function tidy(
  { policy }: SessionState,
  entered: OwnerRecord,
  { owner }: Entering,
  ended: { key: SessionKey; record: SessionRecord; isNoted: boolean } | undefined,
): void {
  const { registry, limit } = policy
  // With a limit it was done already: what is there still would be one too many.
  if (limit === undefined) registry.later(() => endInvalid(registry, owner, entered, 'all'))
  registry.later(() => forgetExpired(registry, owner, entered))
  if (ended === undefined) return
  const { key, isNoted } = ended
  const before = belongingOf(ended.record)
  registry.later(function* () {
    if (isNoted) yield* removeQuietly(policy, key)
    if (before === undefined) return
    forget(registry, before.owner, [signInName(before.signIn), entryName(before.signIn, key)])
  })
}
