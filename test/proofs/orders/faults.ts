/** A change of the sources that takes a step away which something depends on. */
export interface Fault {
  /** What the store then does. */
  name: string
  /** Below `src/stores/over/moving/`. */
  file: string
  /** Stands in the file exactly once. */
  replace: string
  by: string
  /** It shows where a key is used again, and takes long to. */
  again?: true
  /** Where it is met first, if late: the seed of a random order, or the title of a plan. All is gone through if not there. */
  at?: number | string
}

const IN_A_STORE_EACH =
  'one deletes it and creates it anew, writing to to, one creates it anew, writing to from'

export const FAULTS: Fault[] = [
  {
    name: 'a copy is activated without being chosen',
    file: 'copies.ts',
    replace: 'yield* settled(from.save(key, chosen, { ifVersion: current.version }))',
    by: "{ outcome: chosen ? 'saved' : 'gone', record: current } as const",
  },
  {
    name: 'from is cleaned up before the activation',
    file: 'copies.ts',
    replace:
      'const { mark } = copy\n  let { version } = copy\n  for (;;) {\n    const result = yield* settled(to.save(key, activation',
    by: 'const { mark } = copy\n  let { version } = copy\n  yield* settled(from.delete(key))\n  for (;;) {\n    const result = yield* settled(to.save(key, activation',
  },
  {
    name: 'from is not cleaned up',
    file: 'copies.ts',
    replace: 'yield* cleanUp(from, key, mark.attempt)',
    by: '',
  },
  {
    name: 'a record is sealed whatever its version is',
    file: 'move.ts',
    replace: 'sealWith(seal), { ifVersion: current.version })',
    by: 'sealWith(seal))',
  },
  {
    name: 'a save gets into a record in from that has been sealed meanwhile',
    file: 'save.ts',
    replace: 'from.save(key, change, { ifVersion: named })',
    by: 'from.save(key, change, conditionOf(ifVersion))',
  },
  {
    name: 'a conflict with a sealed record is shown to the caller',
    file: 'save.ts',
    replace: "result.outcome === 'gone' || sealOf(result.record)",
    by: "result.outcome === 'gone'",
  },
  {
    name: 'a save to a pending copy says saved',
    file: 'save.ts',
    replace: 'if (!copy) return result',
    by: "if (!copy || result.outcome === 'saved') return result",
  },
  {
    name: 'a save to a void copy says saved',
    file: 'save.ts',
    replace: "else if (met.fate !== 'void')",
    by: 'else',
    at: 841,
  },
  {
    name: 'a save looks into to only once',
    file: 'save.ts',
    replace: 'if (!moved) isInFrom = false',
    by: 'if (!moved) return result',
  },
  {
    name: 'whoever names the last version in from means the copy, changed or not',
    file: 'save.ts',
    replace: 'moved.record.version === unchangedVersion(moved.mark)',
    by: 'unchangedVersion(moved.mark)',
  },
  {
    name: 'a load shows a copy that is pending',
    file: 'load.ts',
    replace: 'if (record && !copyIn(record)) return record',
    by: 'if (record) return record',
  },
  {
    name: 'a load does not look into to once more',
    file: 'load.ts',
    replace: 'return yield* loadHere(pair, key, options)\n}\n\n/**',
    by: 'const rest = yield* settled(pair.from.load(key))\n  const seal = rest && sealOf(rest)\n  return rest && seal ? withoutSeal(rest, seal) : rest\n}\n\n/**',
  },
  {
    name: 'a load shows what is left in from of a session that has moved',
    file: 'load.ts',
    replace: 'if (record && seal?.chosen === undefined)',
    by: 'if (record)',
    at: 715,
  },
  {
    name: 'what was chosen and is gone is copied once more',
    file: 'move.ts',
    replace: 'if (before?.chosen !== undefined) return',
    by: 'if (before?.chosen !== undefined && (yield* settled(to.exists(key)))) return',
    at: 2971,
  },
  {
    name: 'the attempts are not told apart',
    file: 'move.ts',
    replace: '(before?.attempts ?? attemptsBefore(key, current)) + 1',
    by: '1',
    at: 901,
  },
  {
    name: 'a copy has the version that was shown last',
    file: 'marks.ts',
    replace: 'export const VERSIONS_APART = 2 ** 16',
    by: 'export const VERSIONS_APART = 0',
  },
  {
    name: 'the versions of copies are next to each other',
    file: 'marks.ts',
    replace: 'export const VERSIONS_APART = 2 ** 16',
    by: 'export const VERSIONS_APART = 1',
  },
  {
    name: 'a copy is activated whatever its version is',
    file: 'copies.ts',
    replace: 'to.save(key, activation, { ifVersion: version })',
    by: 'to.save(key, activation)',
    at: 2659,
  },
  {
    name: 'a void copy is ended whatever its version is',
    file: 'copies.ts',
    replace: 'to.save(key, END, { ifVersion: version })',
    by: 'to.save(key, END)',
  },
  {
    name: 'a void copy is left in to',
    file: 'copies.ts',
    replace: 'if (!current || !seal) return yield* endVoid(pair, key, copy)',
    by: "if (!current || !seal) return { fate: 'void' }",
  },
  {
    name: 'any session in to is taken for the copy',
    file: 'copies.ts',
    replace: 'const isIt = isVersionOf(mark, result.record.version)',
    by: 'const isIt = isVersionOf !== undefined',
    at: 901,
  },
  {
    name: 'a delete ends in from whatever the version there is',
    file: 'delete.ts',
    replace: 'from.save(key, END, { ifVersion: current.version })',
    by: 'from.save(key, END)',
    at: 314,
  },
  {
    name: 'a delete looks into from only',
    file: 'delete.ts',
    replace: 'if (seal?.chosen !== undefined) return yield* deleteThere(pair, key, seal.chosen)',
    by: '',
    at: 'one ends it by its version, one deletes it',
  },
  {
    name: 'a delete that met a void copy says that there was a session',
    file: 'delete.ts',
    replace: 'return copy === undefined || copy.mark.attempt === chosen',
    by: 'return copy === undefined || chosen !== 0',
    at: 10063,
  },
  {
    name: 'a clean-up that comes late removes a record that was created since',
    file: 'clean-up.ts',
    replace: 'if (!isNoSession(key)) return',
    by: 'if (key) return',
    again: true,
    at: 'one deletes it and creates it anew, writing to from, one sets a value',
  },
  {
    name: 'a delete that comes late removes a record that was created since',
    file: 'clean-up.ts',
    replace: 'if (!isNoSession(key)) yield*',
    by: 'yield*',
    again: true,
    at: 'one creates it anew, writing to from, one deletes it',
  },
  {
    name: 'what is created in one store is not looked for in the other afterwards',
    file: 'create.ts',
    replace: 'return !isNoSession(key) || (yield*',
    by: 'return key !== undefined || (yield*',
    again: true,
    at: IN_A_STORE_EACH,
  },
  {
    name: 'what is created in from is not looked for in to afterwards',
    file: 'create.ts',
    replace: 'const there = yield* settled(',
    by: "if (side === 'from') return true\n  const there = yield* settled(",
    again: true,
    at: IN_A_STORE_EACH,
  },
  {
    name: 'what is created in to is not looked for in from afterwards',
    file: 'create.ts',
    replace: 'const there = yield* settled(',
    by: "if (side === 'to') return true\n  const there = yield* settled(",
    again: true,
    at: IN_A_STORE_EACH,
  },
  {
    name: 'who creates in from does not look there before they look into to',
    file: 'create.ts',
    replace:
      "if (side === 'from' && isNoSession(key) && (yield* settled(pair.from.exists(key)))) return true",
    by: '',
    again: true,
    at: 'one creates it where it is, writing to from, one moves it, one looks',
  },
  {
    name: 'who creates in from takes a copy of their own record for another one',
    file: 'create.ts',
    replace: "if (!there || (side === 'from' && copyIn(there))) return true",
    by: 'if (!there) return true',
    again: true,
    at: 'one deletes it and creates it anew, writing to from, one sets a value',
  },
  {
    name: 'a creation that takes its record back says that it is there',
    file: 'create.ts',
    replace: "return ended.outcome !== 'saved'",
    by: "return ended.outcome !== 'conflict'",
    again: true,
    at: 'one deletes it and creates it anew, writing to from, one sets a value',
  },
  {
    name: 'what an earlier move has left keeps the key',
    file: 'create.ts',
    replace: 'if (!(yield* isFreed(pair, key))) return false',
    by: 'if (tries >= 0) return false',
    again: true,
    at: 'one deletes it and creates it anew, writing to to, one sets a value',
  },
]
