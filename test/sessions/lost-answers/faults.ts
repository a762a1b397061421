import type { PlantedFault } from '../../support/planted.ts'

/** A step of the session layer that is taken away, and the scenario that finds it. */
export interface Fault extends PlantedFault {
  readonly foundBy: string
}

const LOST = 'signs in: any call is carried out, and its answer is lost'
const LOST_FOR_LONG = 'signs in: any call is carried out, and no answer arrives from then on'

export const FAULTS: readonly Fault[] = [
  {
    name: 'a move whose deciding answer is lost gives the copy up, without a look',
    file: 'sessions/regenerate.ts',
    replace: 'found = yield* lookAtMove(policy, move.old, state.mark)\n  } catch {',
    by: "found = { fate: 'stays', record: move.old.record }\n  } catch {",
    foundBy: LOST,
  },
  {
    name: 'an undecided move is never taken back',
    file: 'sessions/regenerate.ts',
    replace: '  settleLater(policy, state, move)\n',
    by: '',
    foundBy: LOST_FOR_LONG,
  },
  {
    name: 'what is taken back leaves the mark',
    file: 'sessions/undecided.ts',
    replace: "if (found.fate === 'moved') found = foundIn(",
    by: 'if (state.gone) found = foundIn(',
    foundBy: LOST_FOR_LONG,
  },
  {
    name: 'the look raises no version',
    file: 'sessions/undecided.ts',
    replace: 'store.save(key, fence)',
    by: 'store.save(key, {})',
    foundBy: 'signs in: any call is carried out later than it is told to have failed',
  },
  {
    name: 'the next try does not ask what became of the one before',
    file: 'sessions/regenerate.ts',
    replace: 'if (earlier !== undefined) {',
    by: 'if (earlier !== undefined && state.gone) {',
    foundBy: 'an undecided new id that its request then decides, with what was set meanwhile',
  },
  {
    name: 'what was changed after the failure is not saved by the try that decides',
    file: 'sessions/commit.ts',
    replace: 'if (resumes || state.stored === undefined)',
    by: 'if (state.stored === undefined)',
    foundBy: 'an undecided new id that its request then decides, with what was set meanwhile',
  },
  {
    name: 'a marked record is a session',
    file: 'sessions/create-sessions.ts',
    replace: 'record === undefined || isMoved(record) || isOver',
    by: 'record === undefined || isOver',
    foundBy: 'signs in: any call fails',
  },
  {
    name: 'a save to a marked record is told as saved',
    file: 'sessions/save.ts',
    replace: 'saveSession(store, key, change,',
    by: 'store.save(key, change,',
    foundBy: 'a slow save to a session that has a new id, whose old record could not be removed',
  },
  {
    name: 'who begins anew leaves the record of the old id',
    file: 'sessions/create.ts',
    replace: '  yield* endFormer(policy, state)\n',
    by: '',
    foundBy: 'an undecided new id, and another sign-in with the old one: that is dead',
  },
  {
    name: 'a sign-out with a replaced id leaves its record',
    file: 'sessions/commit.ts',
    replace: 'if (destroyed.former !== undefined) yield*',
    by: 'if (destroyed.gone && destroyed.former !== undefined) yield*',
    foundBy: 'an undecided new id, and a sign-out with the old one: final',
  },
  {
    name: "a request takes its own note for another's",
    file: 'sessions/replaced.ts',
    replace: 'marks.some((name) => name !== nameOf(mark))',
    by: 'marks.length > 0',
    foundBy: 'a sign-out while a new id is asked for: it stays signed out',
  },
  {
    name: 'who begins anew takes along what was read',
    file: 'session/state.ts',
    replace: 'this.values.keepOwn()',
    by: '',
    foundBy: 'a second click on "sign in": nothing that was read goes into its session',
  },
  {
    name: 'late is told by when a session is opened',
    file: 'sessions/create-sessions.ts',
    replace: 'const arrivedAt = context?.arrivedAt ?? Date.now()',
    by: 'const arrivedAt = context ? Date.now() : 0',
    foundBy: 'a request that arrived before the new id, and opens its session after it',
  },
]
