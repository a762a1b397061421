import { create, load, remove, type Saved, type Stored, save } from '../store.ts'
import { endLeftOver, forget } from './end.ts'
import { makeRoom } from './limit.ts'
import {
  abandon,
  CopyEnded,
  decide,
  type Move,
  noteReplaced,
  type Shown,
  shownBy,
  takeBack,
  Undecided,
} from './move.ts'
import * as records from './records.ts'
import { ask, LIFETIME, LostAnswer, quietly, type Setting, type Steps, tell, together } from './steps.ts'

/** In the code that ships: src/session/sign-in.ts and src/owners/enter.ts. */
export interface SignInPlan {
  readonly owner: string
  /** The id that the request shows. */
  readonly old?: string
  readonly limit?: { readonly most: number; readonly onMore: 'end-oldest' | 'refuse' }
}

const KEPT = ['cart']

/** All that a sign-in ends with other than success. */
class Refused extends Error {
  readonly result: 'revoked' | 'refused'
  constructor(result: 'revoked' | 'refused') {
    super(result)
    this.result = result
  }
}

export function* signIn(setting: Setting, plan: SignInPlan): Steps {
  const { owner, old } = plan
  const arrivedAt = setting.revokes ? yield* ask({ kind: 'moment' }) : 1
  const shown: Shown = old === undefined ? { whose: undefined } : yield* shownBy(old)
  // 1. What is raised from now on ends this sign-in.
  const before = yield* lookBefore(setting, owner)
  if (before.revokedAt >= arrivedAt) return yield* tell({ result: 'revoked' })
  // 2. The session, that nobody knows yet.
  const { name, record, move } = start(setting, plan, shown, before)
  const { key } = move.copy
  yield* ask(create(key, record))
  let entered: Entered
  let replaced: Stored | undefined
  try {
    // 3. It is made known, and 4. finds room.
    entered = yield* enterWithRoom(setting, plan, { signIn: name, key }, before)
    // 5. The one of before ends; gone, or replaced by another request, it is no matter.
    const found = shown.record === undefined ? undefined : yield* decide(move)
    replaced = found?.fate === 'moved' ? found.record : undefined
  } catch (error) {
    return yield* withdraw(error, move)
  }
  const isNoted = replaced !== undefined && (yield* noteReplaced(old!, records.belongingOf(replaced)))
  // So that nobody takes back what it was marked with. It goes on saying whose it was.
  if (shown.isMarked) yield* ask(save(old!, { set: { moved: key } }))
  yield* tell({ result: 'ok', key })
  yield* quietly(tidy(owner, entered))
  if (replaced !== undefined) yield* quietly(forgetOld(old!, records.belongingOf(replaced), isNoted))
}

function start(
  setting: Setting,
  plan: SignInPlan,
  shown: Shown,
  { application }: Before,
): { name: string; record: Omit<Stored, 'version'>; move: Move } {
  const { owner, old } = plan
  const key = setting.fresh('K')
  const name = `${familyFor(setting, plan, shown.whose)}.${setting.fresh('x')}`
  const own = { signIn: name, application }
  const carry = ({ values }: Pick<Stored, 'values'>) => ({ ...records.only(values, KEPT), ...own })
  const values = carry(shown.record ?? { values: {} })
  const record = { values, owner, createdAt: setting.now, expiresAt: setting.now + setting.idle }
  const made = [records.signInName(name), records.entryName(name, key)]
  const move: Move = {
    old: { key: old ?? '', record: shown.record ?? { version: 0, ...record } },
    copy: { key, values },
    mark: key,
    carry,
    giveUp: ask(save(records.ownerKey(owner), { delete: made })),
  }
  return { name, record, move }
}

/** The owner's record with the sign-in in it. `isTidy`: of all that has ended in it the sessions are gone. */
interface Entered {
  readonly record: Stored
  readonly isTidy: boolean
}

function* enterWithRoom(
  setting: Setting,
  { owner, limit }: SignInPlan,
  made: { readonly signIn: string; readonly key: string },
  before: Before,
): Steps<Entered> {
  const record = yield* enter(setting, owner, made, before)
  if (limit === undefined) return { record, isTidy: false }
  const tidied = yield* makeRoom(owner, record, made.signIn, limit)
  if (tidied === undefined) throw new Refused('refused')
  return { record: tidied, isTidy: true }
}

/** The same owner stays in their family; without one, who comes from the same id is in the same. */
function familyFor(
  { fresh }: Setting,
  { owner, old }: SignInPlan,
  whose: records.Belonging | undefined,
): string {
  if (whose?.owner === owner) return records.familyOf(whose.signIn)
  return old === undefined ? fresh('f') : familyFrom(old)
}

/** Of an id, and not to be told from it which. */
function familyFrom(id: string): string {
  return `a${id}`
}

interface Before {
  readonly isKnown: boolean
  readonly epoch: string
  readonly application: string | null
  readonly revokedAt: number
  readonly rank: number
}

function* lookBefore({ revokesEverything }: Setting, owner: string): Steps<Before> {
  const [record, application] = revokesEverything
    ? yield* together(load(records.ownerKey(owner)), load(records.APPLICATION))
    : [yield* ask(load(records.ownerKey(owner)))]
  const epoch = record === undefined ? records.NEVER : records.epochOf(record)
  const everything = application === undefined ? records.NEVER : records.epochOf(application)
  const ranks = record === undefined ? [] : records.signInsOf(record).map(({ rank }) => rank)
  return {
    isKnown: record !== undefined,
    epoch: epoch.name,
    application: application === undefined ? null : everything.name,
    revokedAt: Math.max(epoch.raisedAt, everything.raisedAt),
    rank: 1 + Math.max(0, ...ranks),
  }
}

function* enter(
  setting: Setting,
  owner: string,
  { signIn: name, key }: { signIn: string; key: string },
  before: Before,
): Steps<Stored> {
  const { epoch, rank, application } = before
  const set = { [records.signInName(name)]: { epoch, rank }, [records.entryName(name, key)]: 1 }
  const expiresAt = setting.now + LIFETIME
  const first = {
    values: { epoch: records.NEVER.name, ...set },
    owner: null,
    createdAt: setting.now,
    expiresAt,
  }
  const saving = save(records.ownerKey(owner), { set, expiresAt })
  const creating = create(records.ownerKey(owner), first)
  const one = before.isKnown ? saving : creating
  const [answer, again] = setting.revokesEverything
    ? yield* together(one, load(records.APPLICATION))
    : [yield* ask(one)]
  let result: boolean | Saved = answer
  for (;;) {
    if (result === true) break
    if (result !== false && result.outcome !== 'gone') break
    result = result === false ? yield* ask(saving) : yield* ask(creating)
  }
  const record = result === true ? { version: 0, ...first } : (result as { record: Stored }).record
  if (records.epochOf(record).name !== epoch) throw new Refused('revoked')
  if ((again === undefined ? null : records.epochOf(again).name) !== application) throw new Refused('revoked')
  return record
}

/** Nobody has seen the session: it goes, and then what tells of it. */
function* withdraw(error: unknown, move: Move): Steps {
  if (error instanceof Refused || error instanceof CopyEnded) {
    yield* quietly(ask(remove(move.copy.key)))
    yield* tell({ result: error instanceof Refused ? error.result : 'revoked' })
    return yield* quietly(move.giveUp)
  }
  yield* fail(error)
  yield* error instanceof Undecided ? takeBack(move) : abandon(move)
}

export function* fail(error: unknown): Steps {
  if (!(error instanceof LostAnswer || error instanceof Undecided)) throw error
  yield* tell({ result: 'failed' })
}

/**
 * What an end has left that was broken off. With a limit its sessions went before: they would be too many.
 */
function* tidy(owner: string, { record, isTidy }: Entered): Steps {
  if (!isTidy) yield* endLeftOver(record)
  yield* forget(records.ownerKey(owner), record)
}

/** Without a note the marked record has to go on saying that the id was replaced. */
function* forgetOld(old: string, whose: records.Belonging | undefined, isNoted: boolean): Steps {
  if (isNoted) yield* ask(remove(old))
  if (whose === undefined) return
  const { owner, signIn: name } = whose
  const names = [records.signInName(name), records.entryName(name, old)]
  yield* ask(save(records.ownerKey(owner), { delete: names }))
}
