import { create, load, remove, type Stored, save } from '../store.ts'
import { abandon, CopyEnded, decide, type Move, noteReplaced, shownBy, takeBack, Undecided } from './move.ts'
import * as records from './records.ts'
import { fail } from './sign-in.ts'
import { all, ask, eachOf, quietly, type Setting, type Steps, tell, together } from './steps.ts'

/** Gives a session another id. In the code that ships: src/session/regenerate.ts. */
export function* rotate(setting: Setting, { id }: { readonly id: string }): Steps {
  const { record, whose } = yield* shownBy(id)
  if (record === undefined || whose === undefined) return yield* tell({ result: 'gone' })
  const key = setting.fresh('K')
  const entry = records.entryName(whose.signIn, key)
  const move: Move = {
    old: { key: id, record },
    copy: { key, values: record.values },
    mark: key,
    carry: ({ values }) => values,
    giveUp: ask(save(records.ownerKey(whose.owner), { delete: [entry] })),
  }
  let known: Stored | undefined
  try {
    yield* ask(create(key, record))
    known = yield* enter(setting, whose, entry, record)
    if (known === undefined) return yield* endInvalid(move)
    const found = yield* decide(move)
    if (found.fate !== 'moved') return yield* withdraw(move)
  } catch (error) {
    if (error instanceof CopyEnded) yield* tell({ result: 'gone' })
    else yield* fail(error)
    return yield* error instanceof Undecided ? takeBack(move) : abandon(move)
  }
  if (!(yield* leaveOld(id, whose))) return yield* withdraw(move)
  yield* tell({ result: 'ok', key, from: id })
  yield* quietly(tidy(whose, known, [key, id]))
}

function* withdraw(move: Move): Steps {
  yield* quietly(ask(remove(move.copy.key)))
  yield* tell({ result: 'gone' })
  yield* quietly(move.giveUp)
}

/** Who has ended the sign-in may not have come to the session yet. */
function* endInvalid(move: Move): Steps {
  yield* quietly(ask(remove(move.copy.key)))
  yield* ask(remove(move.old.key))
  yield* tell({ result: 'gone' })
  yield* quietly(move.giveUp)
}

/**
 * Notes that the id was replaced, and removes its record. `false`: it was not there. Somebody has ended the
 * session then, and who signed out since with the old id has found neither record nor note.
 */
function* leaveOld(id: string, whose: records.Belonging): Steps<boolean> {
  if (yield* noteReplaced(id, whose)) {
    const [removed] = yield* eachOf(remove(id))
    return removed !== false
  }
  // The record has to go on saying it: the next rotation must not know of it, and remove it.
  const entry = records.entryName(whose.signIn, id)
  yield* quietly(ask(save(records.ownerKey(whose.owner), { delete: [entry] })))
  return true
}

/** What comes of the owner's record; `undefined`: the sign-in is not valid any more. */
function* enter(
  { revokesEverything }: Setting,
  { owner, signIn }: records.Belonging,
  entry: string,
  session: Stored,
): Steps<Stored | undefined> {
  const entering = save(records.ownerKey(owner), { set: { [entry]: 1 } })
  const [saved, application] = revokesEverything
    ? yield* together(entering, load(records.APPLICATION))
    : [yield* ask(entering)]
  if (saved.outcome !== 'saved') return undefined
  if (!records.isValid(saved.record, signIn)) return undefined
  if (application === undefined) return saved.record
  return records.epochOf(application).name === session.values.application ? saved.record : undefined
}

/** What else was stored for the sign-in goes: the old one's entry, and what a process has left that died. */
function* tidy(
  { owner, signIn }: records.Belonging,
  known: Stored,
  [key, old]: readonly [string, string],
): Steps {
  const others = records.entriesOf(known).filter((each) => each.signIn === signIn && each.key !== key)
  yield* all(others.filter((each) => each.key !== old).map((each) => remove(each.key)))
  if (others.length > 0) yield* ask(save(records.ownerKey(owner), { delete: others.map(({ name }) => name) }))
}
