import type { SessionChange, SessionKey, SessionStore } from 'untorn'
import { atOnce, type Operation } from '../../measure/rounds.ts'

type Named = Pick<Operation, 'group' | 'name' | 'floor' | 'batch'>

/** Loads of sessions in turn. */
export function load(named: Named, store: SessionStore, keys: readonly SessionKey[]): Operation {
  return {
    ...named,
    run(count) {
      let found = 0
      for (let i = 0; i < count; i++) found += atOnce(store.load(keys[i % keys.length]!))!.values.size
      return found
    },
  }
}

/** Saves to sessions in turn, of two changes in turn, so that each changes something. */
export function save(
  named: Named,
  store: SessionStore,
  keys: readonly SessionKey[],
  changes: readonly SessionChange[],
): Operation {
  let turn = 0
  return {
    ...named,
    run(count) {
      for (let i = 0; i < count; i++, turn++) {
        const { outcome } = atOnce(store.save(keys[turn % keys.length]!, changes[turn % 2]!))
        if (outcome !== 'saved') throw new Error('A save was lost.')
      }
    },
  }
}
