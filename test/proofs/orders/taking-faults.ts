import type { Fault } from './faults.ts'

/** The same of the steps by which sessions are taken from where they can only be read: below `src/stores/over/`. */
export const TAKING_FAULTS: Fault[] = [
  {
    name: 'a session is taken again whatever became of it',
    file: 'taking/take.ts',
    replace: '(yield* hasReceipt(pair, key))',
    by: 'found.version < 0',
  },
  {
    name: 'what somebody else has taken meanwhile is not looked for',
    file: 'taking/take.ts',
    replace: 'if (isOver) return yield* lookAgain(pair, key)',
    by: 'if (isOver) return undefined',
  },
  {
    name: 'who has made a void copy finds no session',
    file: 'taking/take.ts',
    replace: 'if (session) return session',
    by: 'return session',
    at: 9871,
  },
  {
    name: 'what has expired on the way is tried again',
    file: 'taking/take.ts',
    replace: 'found.expiresAt <= (yield* settled(timeOf(to))) ||',
    by: '',
  },
  {
    name: 'a copy is the session though another one was chosen',
    file: 'taking/take.ts',
    replace: '(yield* choose(pair, key, attempt, until)).chosen === attempt',
    by: '(yield* choose(pair, key, attempt, until)).chosen !== undefined',
  },
  {
    name: 'a copy is the session without a receipt',
    file: 'taking/take.ts',
    replace: '(yield* choose(pair, key, attempt, until)).chosen === attempt',
    by: 'choose !== undefined',
  },
  {
    name: 'a copy is activated whatever its version is',
    file: 'taking/take.ts',
    replace: 'to.save(key, activation, { ifVersion: version })',
    by: 'to.save(key, activation)',
    at: 1319,
  },
  {
    name: 'who finds that others have activated it says that it is over',
    file: 'taking/take.ts',
    replace: '!other && isVersionOf(mark, result.record.version) ? result.record : undefined',
    by: '!isVersionOf ? result.record : undefined',
  },
  {
    name: 'a receipt is taken for the own one',
    file: 'taking/receipt.ts',
    replace: '{ chosen: chosenIn(there), isNew: false }',
    by: '{ ...receipt, isNew: false }',
  },
  {
    name: 'a load shows a copy that is pending',
    file: 'taking/verbs.ts',
    replace: 'record && (yield* sessionIn(pair, key, record))',
    by: 'record',
  },
  {
    name: 'a load does not look into to once more',
    file: 'taking/verbs.ts',
    replace: ': yield* lookAgain(pair, key)',
    by: ': undefined',
    at: 3989,
  },
  {
    name: 'a save to a pending copy says saved',
    file: 'taking/verbs.ts',
    replace: "if (result.outcome === 'gone' || !copy) return result",
    by: "if (result.outcome === 'gone' || !copy || result.outcome === 'saved') return result",
    at: 545,
  },
  {
    name: 'a save to a void copy says saved',
    file: 'taking/verbs.ts',
    replace: 'if (session && result',
    by: 'if (result',
    at: 545,
  },
  {
    name: 'a delete leaves no receipt',
    file: 'taking/verbs.ts',
    replace: 'yield* endUnseen(pair, key)',
    by: '{ isNew: endUnseen !== undefined, chosen: null }',
  },
  {
    name: 'a delete does not look once more after it was told of a receipt',
    file: 'taking/verbs.ts',
    replace: '    isDecided = true\n',
    by: '    return isDecided\n',
  },
  {
    name: 'a delete takes a copy for the session',
    file: 'taking/verbs.ts',
    replace: "if (ended.outcome !== 'gone' && !copy)",
    by: "if (ended.outcome !== 'gone')",
  },
  {
    name: 'a delete that met a void copy says that there was a session',
    file: 'taking/verbs.ts',
    replace: 'if (copy && chosen === copy.mark.attempt)',
    by: 'if (copy && chosen !== undefined)',
  },
  {
    name: 'the versions of copies are the same',
    file: 'moving/marks.ts',
    replace: 'export const VERSIONS_APART = 2 ** 16',
    by: 'export const VERSIONS_APART = 0',
  },
]
