import type { PlantedFault } from '../../support/planted.ts'
import type { Plan } from './course.ts'
import type { Check } from './judge.ts'
import { VERBS } from './verbs.ts'

/** A step that is taken away, the check that finds it, and where. */
export interface Fault extends PlantedFault {
  readonly foundBy: Check
  readonly in: Plan
}

const SERVED = 'adapters/express-session/served-request.ts'
const KEPT = 'adapters/express-session/kept-sessions.ts'
const DIFFERENCE = 'adapters/kept/difference.ts'

const meet = (first: keyof typeof VERBS, second?: keyof typeof VERBS): Plan => ({
  verbs: second === undefined ? [VERBS[first]] : [VERBS[first], VERBS[second]],
})

export const FAULTS: readonly Fault[] = [
  {
    name: 'the whole session is sent, not the difference',
    file: DIFFERENCE,
    replace: 'if (inDoubt?.has(name) || differ(before.get(name), text)) set',
    by: 'set',
    foundBy: 'lost',
    in: meet('adds', 'changes'),
  },
  {
    name: 'what was deleted is not sent',
    file: DIFFERENCE,
    replace: 'if (gone.length > 0) change.delete = gone',
    by: '',
    foundBy: 'lost',
    in: meet('deletes'),
  },
  {
    name: 'a session that is gone is created again',
    file: KEPT,
    replace: `      this.report({ type: 'gone', key: shortKey(known.key) })
      return false`,
    by: `      const { values } = this.#written(session)
      yield* settled(this.store.create(known.key, { values, createdAt: 0, expiresAt: known.expiresAt }))
      return false`,
    foundBy: 'back',
    in: meet('changes', 'destroys'),
  },
  {
    name: 'what was handed out is not known of the session that is made of it',
    file: 'adapters/kept/handed-out.ts',
    replace: 'if (known !== undefined) this.#byObject.set(session, known)\n    return known',
    by: 'return known',
    foundBy: 'back',
    in: meet('changes', 'destroys'),
  },
  {
    name: 'one save does not wait for the other',
    file: 'adapters/kept/in-turn.ts',
    replace: 'last === undefined ? work()',
    by: 'last !== work ? work()',
    foundBy: 'lost',
    in: meet('saves'),
  },
  {
    name: 'what a failed save may have changed is not in doubt',
    file: KEPT,
    replace: 'known.inDoubt = namesIn(change)',
    by: '',
    foundBy: 'lost',
    in: { ...meet('saves'), failure: { of: 0, nth: 1, how: 'loses' } },
  },
  {
    name: 'a reload does not say what is saved',
    file: SERVED,
    replace: '            this.#loaded(req.session)\n',
    by: '',
    foundBy: 'lost',
    in: meet('changes', 'reloads'),
  },
  {
    name: 'the cookie is sent for a session that its save has found gone',
    file: SERVED,
    replace: 'return !this.#isGone(session) && this.#unsaved !== session',
    by: 'return this.#unsaved !== session',
    foundBy: 'cookie',
    in: meet('changes', 'destroys'),
  },
  {
    name: 'the cookie of a session that nothing was written of is sent without a look',
    file: SERVED,
    replace: 'settled(outcomeOf(() => untorn.has(session)))',
    by: 'settled(outcomeOf(() => true))',
    foundBy: 'cookie',
    in: meet('lingers', 'destroys'),
  },
  {
    name: 'the head does not wait for the save',
    file: SERVED,
    replace: 'if (isToSave) yield* this.#told((done) => void session.save(done))',
    by: 'if (isToSave) session.save(() => {})',
    foundBy: 'cookie',
    in: meet('regenerates'),
  },
  {
    name: 'to unset destroys nothing',
    file: SERVED,
    replace: 'yield* this.#told((done) => this.options.store.destroy(sessionID, done))',
    by: '',
    foundBy: 'back',
    in: meet('unsets'),
  },
  {
    name: 'a new id leaves the old session',
    file: KEPT,
    replace: '    yield* this.end(sid)\n',
    by: '',
    foundBy: 'back',
    in: meet('regenerates'),
  },
]
