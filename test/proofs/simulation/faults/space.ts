import type { Fault } from './fault.ts'

const TWO_SAVE = 'a sign-out finds no space, and two save who have the file open'
const FOLDED = 'a sign-out finds no space, and a fold is under way'
const KILLED = 'a sign-out that finds no space is killed at any moment, and another process saves'
const EXPIRES = 'a session expires where there is no space to end it, and another extends it that slept'
const SWEPT = 'a sweep finds no space to end what has just expired, and another extends it that slept'
const AGAIN = 'a session has expired, and two want its key'
const CREATORS = 'a creator is killed at any moment, and another one wants the same key'

/** What is done where there is no space, where the clock is set back, and for a key that is wanted again. */
export const SPACE_FAULTS: readonly Fault[] = [
  {
    name: 'an error without a name is none of the system',
    file: 'system-error.ts',
    replace: "if (typeof errno !== 'number' || typeof syscall !== 'string') return ''",
    by: "if (typeof errno !== 'string' || typeof syscall !== 'string') return ''",
    foundBy: 'random',
    takesLong: true,
  },
  {
    name: 'a sign-out without space only takes the name away',
    file: 'cut.ts',
    replace: '    journal.cut()\n',
    by: '',
    foundBy: TWO_SAVE,
  },
  {
    name: 'a cut file is told by its size alone',
    file: 'journal/journal.ts',
    replace: "return bytes.toString('latin1', 0, length) === this.#seam ?",
    by: "return bytes.length >= length || bytes.toString('latin1', 0, length) === this.#seam ?",
    foundBy: TWO_SAVE,
  },
  {
    name: 'a save that meets a cut file fails',
    file: 'cut.ts',
    replace: 'if (!(error instanceof TruncatedError)) return false',
    by: 'if (error) return false',
    foundBy: TWO_SAVE,
  },
  {
    name: 'a fold that did not see the cut goes on',
    file: 'cut.ts',
    replace: '    yield* stopFolds(parts, shardOf(key))\n',
    by: '    if (key.length === 0) yield* stopFolds(parts, shardOf(key))\n',
    foundBy: FOLDED,
  },
  {
    name: 'what was put in the place of a cut file stays',
    file: 'delete.ts',
    replace: '    journals.drop(opened)\n  }\n  journals.forget(key)\n',
    by: '    journals.drop(opened)\n    break\n  }\n  journals.forget(key)\n',
    foundBy: FOLDED,
  },
  {
    name: 'two sign-outs have both ended the session',
    file: 'cut.ts',
    replace: 'return parts.names.hasItsName(file) && removesName(parts, file)',
    by: 'return removesName(parts, file) || key.length > 0',
    foundBy: 'two sign-outs find no space',
  },
  {
    name: 'what was appended to a cut file keeps it for ever',
    file: 'journal/replay.ts',
    replace: "return { phase: isNoFirstLine(line) ? 'void' : 'ended' }",
    by: "return { phase: 'void' }",
    foundBy: KILLED,
  },
  {
    name: 'somebody is told that a session has expired which could not be ended',
    file: 'expire.ts',
    replace: '    throw error\n',
    by: "    return 'applied'\n",
    foundBy: EXPIRES,
  },
  {
    name: 'somebody is told that a session has expired whose journal is sealed',
    file: 'expire.ts',
    replace: "if (state.phase === 'sealed') succession.replaceWithoutWaiting(opened)",
    by: "if (state.phase === 'sealed') return undefined",
    foundBy: 'a session expires in a journal that a dead process has sealed, and the clock is set back',
  },
  {
    name: 'somebody is told that a session has expired while a living process folds its journal',
    file: 'succession.ts',
    replace: "if (journal.state.phase === 'sealed') throw stillSealed()",
    by: "if (journal.state.phase === 'sealed') journal.state = { phase: 'ended' }",
    foundBy: 'a session expires while a living process folds its journal, and the clock is set back',
  },
  {
    name: 'a sweep cuts what has only just expired',
    file: 'sweep.ts',
    replace: 'clock.now() - ORPHAN_MS) throw error',
    by: 'clock.now()) throw error',
    foundBy: SWEPT,
  },
  {
    name: 'a file whose creator was killed keeps the key',
    file: 'create.ts',
    replace: 'if (isUnborn(journal)) claim(parts, opened)\n    else if',
    by: 'if',
    foundBy: CREATORS,
  },
  {
    name: 'whoever meets an unborn file removes it',
    file: 'claim.ts',
    replace: "if (fate === 'applied') names.unlink(file)",
    by: "if (fate !== 'conflict') names.unlink(file)",
    foundBy: 'three create the same session',
  },
  {
    name: 'a sweep removes what somebody else is about to remove',
    file: 'sweep.ts',
    replace: "if (state.phase === 'ended' && isOrphan(clock, journal.status()))",
    by: "if (state.phase === 'ended')",
    foundBy: 'a session expires, and its key is wanted again while a sweep comes by',
  },
  {
    name: 'a sign-out ends the former session of its key',
    file: 'commit.ts',
    replace: "if (fate === 'ended' && !names.hasItsName(opened)) {",
    by: "if (fate === 'void' && !names.hasItsName(opened)) {",
    foundBy: 'a session expires, and its key is wanted again while another deletes it',
  },
  {
    name: 'who finds a session expired ends the next one of its key',
    file: 'expire.ts',
    replace: 'if (record && record.expiresAt > clock.now()) return record',
    by: 'if (record && record.expiresAt < 0) return record',
    foundBy: 'a session expires, and its key is wanted again while another extends it',
  },
  {
    name: 'a creation takes the name of what has expired, and does not end it',
    file: 'create.ts',
    replace: 'return endExpired(parts, opened) === undefined',
    by: 'return parts.names.unlink(opened) || true',
    foundBy: AGAIN,
    takesLong: true,
  },
  {
    name: 'a creation takes the name of what somebody else has ended and is about to remove',
    file: 'create.ts',
    replace: 'else if (isOrphan(clock, journal.status())) names.unlinkIfItsOwn(opened)',
    by: 'else if (isOrphan(clock, journal.status()) || tries > 0) names.unlinkIfItsOwn(opened)',
    foundBy: AGAIN,
    takesLong: true,
  },
]
