import { create, load, remove, type Stored, save } from '../store.ts'
import { endLeftOver, forget } from './end.ts'
import * as records from './records.ts'
import { ask, LIFETIME, LONG, quietly, type Setting, type Steps, tell } from './steps.ts'

/*
 * All sign-ins of an owner end, all but one, or all of the application. In the code that ships:
 * src/owners/end.ts, raise.ts and application.ts.
 */

export function* revokeAll(setting: Setting, { owner }: { readonly owner: string }): Steps {
  const key = records.ownerKey(owner)
  const raised = yield* raise(setting, key, LIFETIME)
  yield* endLeftOver(raised)
  yield* tell({ result: 'ok' })
  yield* quietly(forget(key, raised))
}

export function* revokeOthers(setting: Setting, { id }: { readonly id: string }): Steps {
  const raisedAt = yield* ask({ kind: 'moment' })
  const session = yield* ask(load(id))
  const whose = session && records.belongingOf(session)
  if (whose === undefined) return yield* tell({ result: 'gone' })
  const key = records.ownerKey(whose.owner)
  const name = setting.fresh('e')
  let found = yield* ask(load(key))
  for (;;) {
    const own = found && records.validOf(found).find((each) => each.signIn === whose.signIn)
    if (found === undefined || own === undefined) return yield* tell({ result: 'gone' })
    const entered = { [records.signInName(whose.signIn)]: { epoch: name, rank: own.rank } }
    const set = { ...records.raised({ name, raisedAt }), ...entered }
    const result = yield* ask(save(key, { set, ifVersion: found.version }))
    found = result.outcome === 'gone' ? undefined : result.record
    if (result.outcome === 'saved') break
  }
  yield* endLeftOver(found!)
  yield* tell({ result: 'ok' })
  yield* quietly(forget(key, found!))
}

export function* revokeEverything(setting: Setting): Steps {
  const raised = yield* raise(setting, records.APPLICATION, LONG)
  const { name } = records.epochOf(raised)
  for (const key of yield* ask({ kind: 'list' })) {
    const record = yield* ask(load(key))
    if (record !== undefined && record.owner !== null && record.values.application !== name)
      yield* ask(remove(key))
  }
  yield* tell({ result: 'ok' })
}

/** Raises the epoch of a record that may not be there. The record that comes of it. */
function* raise(setting: Setting, key: string, lifetime: number): Steps<Stored> {
  const raisedAt = yield* ask({ kind: 'moment' })
  const set = records.raised({ name: setting.fresh('e'), raisedAt })
  const expiresAt = setting.now + lifetime
  const first = { values: set, owner: null, createdAt: setting.now, expiresAt }
  for (;;) {
    const result = yield* ask(save(key, { set, expiresAt }))
    if (result.outcome !== 'gone') return result.record
    if (yield* ask(create(key, first))) return { version: 0, ...first }
  }
}
