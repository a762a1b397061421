import type { PlantedFault } from '../../support/planted.ts'

/** A step of the session layer that is taken away, and the scenario that finds it. */
export interface Fault extends PlantedFault {
  readonly foundBy: string
  /** Only with a store that answers later. */
  readonly onSlow?: true
}

const LOST = 'signs in: any call is carried out, and its answer is lost'
const LOST_FOR_LONG = 'signs in: any call is carried out, and no answer arrives from then on'
const READS_BESIDE =
  'a dead cookie, and a page whose requests overlap: who only reads leaves the cookie of who began'
const BOTH_LIVE = 'two cookies that are both live: nothing is stored, and a sign-in or a sign-out ends both'

export const FAULTS: readonly Fault[] = [
  {
    name: 'a move whose deciding answer is lost gives the copy up, without a look',
    file: 'session/move.ts',
    replace: 'found = yield* lookAtMove(state, move.old)\n  } catch {',
    by: "found = { fate: 'stays', record: move.old.record }\n  } catch {",
    foundBy: LOST,
  },
  {
    name: 'an undecided move is never taken back',
    file: 'session/move.ts',
    replace: '  settleLater(state, move)\n',
    by: '',
    foundBy: LOST_FOR_LONG,
  },
  {
    name: 'what is taken back leaves the mark',
    file: 'session/undecided.ts',
    replace: "while (found.fate === 'moved') {",
    by: "while (state.isGone && found.fate === 'moved') {",
    foundBy: LOST_FOR_LONG,
  },
  {
    name: 'the look raises no version',
    file: 'session/undecided.ts',
    replace: 'store.save(key, fence)',
    by: 'store.save(key, {})',
    foundBy: 'signs in: any call is carried out later than it is told to have failed',
  },
  {
    name: 'the next try does not ask what became of the one before',
    file: 'session/regenerate.ts',
    replace: 'if (state.undecided !== undefined) yield*',
    by: 'if (state.undecided !== undefined && state.isGone) yield*',
    foundBy: 'an undecided new id that its request then decides, and can not note: the old one is dead',
  },
  {
    name: 'a move is taken back whatever has come since',
    file: 'session/undecided.ts',
    replace: 'state.policy.store.save(old.key, unmark, { ifVersion })',
    by: 'state.policy.store.save(old.key, unmark, ifVersion < 0 ? { ifVersion } : {})',
    foundBy: 'a move that is taken back late undoes no later one',
  },
  {
    name: 'a mark that a load does not find is taken for one that never comes',
    file: 'session/undecided.ts',
    replace: "if (found.fate === 'stays' && loading !== undefined) throw fenced.error",
    by: '',
    foundBy: 'a store that takes no changes for a while, and sets the mark later than it is told',
    onSlow: true,
  },
  {
    name: 'a marked record is a session',
    file: 'sessions/by-cookie.ts',
    replace: 'return loaded.record !== undefined && !isMoved(loaded.record)',
    by: 'return loaded.record !== undefined',
    foundBy: 'signs in: any call fails',
  },
  {
    name: 'a save to a marked record is told as saved',
    file: 'session/save.ts',
    replace: 'saveSession(store, stored.key, change,',
    by: 'store.save(stored.key, change,',
    foundBy: 'a slow save to a session that has a new id, whose old record could not be removed',
  },
  {
    name: 'who begins anew leaves the record of the old id',
    file: 'session/commit.ts',
    replace: '  for (const key of former) yield* endRecord(state, key)\n',
    by: '',
    foundBy: 'an undecided new id, and another sign-in with the old one: that is dead',
  },
  {
    name: 'a sign-out with a replaced id leaves its record',
    file: 'session/state.ts',
    replace: 'if (former !== undefined) yield* former',
    by: '',
    foundBy: 'an undecided new id, and a sign-out with the old one: final',
  },
  {
    name: 'a sign-out of one that is known to be gone asks nobody',
    file: 'session/sign-out.ts',
    replace: 'const keys = [...destroyed.keysToEnd()]',
    by: 'const keys = destroyed.isGone ? [] : [...destroyed.keysToEnd()]',
    foundBy: 'an undecided new id, and a sign-out by one whose session was found gone: final',
  },
  {
    name: 'a sign-out leaves the copy of an undecided new id',
    file: 'session/state.ts',
    replace: 'if (undecided !== undefined) yield undecided.copy.key',
    by: '',
    foundBy: 'an undecided new id, and a sign-out by one whose session was found gone: final',
  },
  {
    name: 'who asks for a new id and stores nothing leaves the record of the old one',
    file: 'session/state.ts',
    replace: 'late: false, wanted: shownOnly.former !== undefined }',
    by: 'late: false, wanted: false }',
    foundBy: 'an undecided new id, and one that another request takes and sets nothing: the old one is dead',
  },
  {
    name: 'whatever is gone is taken for replaced',
    file: 'session/replaced.ts',
    replace: 'return (yield* settled(store.load(noteKey(id, app)))) !== undefined',
    by: 'return (yield* settled(store.load(noteKey(id, app)))) !== null',
    foundBy: 'a sign-out, and two that had opened before ask for a new id: both stay signed out',
  },
  {
    name: 'what was made of something read goes along',
    file: 'values/values.ts',
    replace: "if (entry.kind === 'read' || entry.fromRead) return",
    by: "if (entry.kind === 'read') return",
    foundBy: 'a second click that updates what it had changed in place: nothing that was read goes along',
  },
  {
    name: 'who has saved before begins anew without it, and is told that all is well',
    file: 'session/state.ts',
    replace: 'if (old.hasSaved || !this.values.keepOwn())',
    by: 'if (!this.values.keepOwn())',
    foundBy: 'a second click with what can not begin anew: it is told gone',
  },
  {
    name: 'who begins anew takes along what was read',
    file: 'session/state.ts',
    replace: 'if (old.hasSaved || !this.values.keepOwn()) return false',
    by: 'if (old.hasSaved) return false',
    foundBy: 'a second click on "sign in": nothing that was read goes into its session',
  },
  {
    name: 'late is told by when a session is opened',
    file: 'sessions/by-cookie.ts',
    replace: 'const arrivedAt = context?.arrivedAt ?? Date.now()',
    by: 'const arrivedAt = context ? Date.now() : 0',
    foundBy: 'a request that arrived before the new id, and opens its session after it',
  },
  {
    name: 'who begins a session in the place of a dead cookie does not note it',
    file: 'session/create.ts',
    replace: '  if (state.dead.length > 0) yield* noteBegun(state)\n',
    by: '',
    foundBy: READS_BESIDE,
  },
  {
    name: 'who removes a dead cookie does not look whether it was replaced',
    file: 'session/commit.ts',
    replace: 'if (nothingElse) state',
    by: 'state',
    foundBy: READS_BESIDE,
  },
  {
    name: 'the note of a begun session says nothing to who removes',
    file: 'session/dead.ts',
    replace: ') !== undefined) return false',
    by: ') === null) return false',
    foundBy: READS_BESIDE,
  },
  {
    name: 'of two sessions that are both live the first is used',
    file: 'sessions/by-cookie.ts',
    replace: 'if (keys.length > 1) {',
    by: 'if (keys.length > 1) return this.#session(shown.request, live(known[0]!))\n    if (keys.length > 1) {',
    foundBy: BOTH_LIVE,
  },
  {
    name: 'a sign-in ends the first of two live sessions only',
    file: 'session/commit.ts',
    replace: 'for (const key of former) yield*',
    by: 'for (const key of former.slice(0, 1)) yield*',
    foundBy: BOTH_LIVE,
  },
  {
    name: 'a sign-out ends the first of two live sessions only',
    file: 'session/state.ts',
    replace: 'if (former !== undefined) yield* former',
    by: 'if (former !== undefined) yield former[0]!',
    foundBy: BOTH_LIVE,
  },
  {
    name: 'who adopts a session overlooks what was changed meanwhile',
    file: 'session/adopt.ts',
    replace: '{ ifVersion: old.record.version }',
    by: '{}',
    foundBy:
      'comes with the cookie of another library, while an application of before changes the session: it stays',
  },
  {
    name: 'an adoption whose deciding answer is lost gives the copy up, without a look',
    file: 'session/adopt.ts',
    replace: 'fate: (yield* lookAtMove({ mark, policy }, live(old))).fate',
    by: "fate: 'stays'",
    foundBy: 'comes with the cookie of another library: any call is carried out, and its answer is lost',
  },
  {
    name: 'an adopted session is there although the old one was ended meanwhile',
    file: 'session/adopt.ts',
    replace: 'return yield* settled(policy.store.delete(key))',
    by: 'yield* settled(policy.store.delete(key))\n    return true',
    foundBy:
      'comes with the cookie of another library, while an application of before ends the session: it stays so',
  },
  {
    name: 'an old cookie does not lead on from a record that is still there',
    file: 'session/adopt.ts',
    replace: ': adoptionMarkOf(record)',
    by: ': undefined',
    foundBy: 'comes with the cookie of another library: the process dies at any call',
  },
  {
    name: 'an old cookie does not lead on from the note',
    file: 'session/replaced.ts',
    replace: 'if (adoption !== undefined) values',
    by: 'if (adoption === null) values',
    foundBy: 'comes with the cookie of another library, as another request does: all is in one session',
  },
  {
    name: 'who finds a session adopted by another one goes on with a copy',
    file: 'session/adopt.ts',
    replace: "if (fate !== 'moved') {",
    by: "if (fate === 'replaced') {",
    foundBy: 'comes with the cookie of another library, as another request does: all is in one session',
  },
]
