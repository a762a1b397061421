import { load, remove, save } from '../store.ts'
import { shownBy } from './move.ts'
import * as records from './records.ts'
import { all, ask, quietly, type Steps, tell, together } from './steps.ts'

/** In the code that ships: src/session/sign-out.ts and `endFamily` in src/owners/end.ts. */
export function* logout({ id }: { readonly id: string }): Steps {
  const { record, whose } = yield* shownBy(id)
  if (whose !== undefined) return yield* endFamily(whose, record === undefined ? [] : [id], 'signed-out')
  if (record !== undefined) yield* ask(remove(id))
  yield* tell({ result: 'ok' })
}

/** Ends a device by its handle, of the owner's own alone. */
export function* revoke({ owner, handle }: { readonly owner: string; readonly handle: string }): Steps {
  const record = yield* ask(load(records.ownerKey(owner)))
  const signIns = record === undefined ? [] : records.signInsOf(record)
  const found = signIns.find(({ signIn }) => records.familyOf(signIn) === handle)
  if (found === undefined) return yield* tell({ result: 'none' })
  yield* endFamily({ owner, signIn: found.signIn }, [], 'device')
}

/** First its sign-ins, so that what is being stored for them finds out; then its sessions. */
function* endFamily({ owner, signIn }: records.Belonging, own: readonly string[], why: string): Steps {
  const family = records.familyOf(signIn)
  const key = records.ownerKey(owner)
  const [first] = yield* together(
    save(key, records.ending([signIn], why)),
    ...own.map((each) => remove(each)),
  )
  let record = first.outcome === 'saved' ? first.record : undefined
  for (;;) {
    const signIns = record === undefined ? [] : records.signInsOf(record).map((each) => each.signIn)
    const more = signIns.filter((each) => records.familyOf(each) === family)
    if (more.length === 0) break
    const result = yield* ask(save(key, records.ending(more, why)))
    record = result.outcome === 'saved' ? result.record : undefined
  }
  const entries = record === undefined ? [] : records.entriesOf(record)
  const ended = entries.filter((each) => records.familyOf(each.signIn) === family)
  yield* all(ended.filter((each) => !own.includes(each.key)).map((each) => remove(each.key)))
  yield* tell({ result: 'ok' })
  if (ended.length > 0) yield* quietly(ask(save(key, { delete: ended.map(({ name }) => name) })))
}
