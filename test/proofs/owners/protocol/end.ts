import { remove, type Stored, save } from '../store.ts'
import * as records from './records.ts'
import { all, ask, type Steps } from './steps.ts'

/**
 * Ends the sessions of what has ended. An entry whose session is still there is what an end that was broken
 * off is finished by.
 */
export function* endLeftOver(record: Stored): Steps {
  yield* all(records.leftOverOf(record).map(({ key }) => remove(key)))
}

/** Takes out what tells of them, once they are gone. */
export function* forget(key: string, record: Stored): Steps {
  const signIns = records.signInsOf(record).filter((each) => !records.isValid(record, each.signIn))
  const names = signIns.map((each) => each.signIn)
  const entries = records.leftOverOf(record).map((each) => each.name)
  const raises = records.olderRaisesOf(record)
  if (names.length + entries.length + raises.length === 0) return
  const { set, delete: ended } = records.ending(names, 'ended')
  yield* ask(save(key, { set: set!, delete: [...ended!, ...entries, ...raises] }))
}
