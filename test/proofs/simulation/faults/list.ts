import type { Fault } from './fault.ts'
import { SPACE_FAULTS } from './space.ts'
import { START_FAULTS } from './start.ts'
import { SYNC_FAULTS } from './sync.ts'

const FRESH = 'every pair on a fresh journal'
const LONG = 'every pair on a long journal'
const SEALED = 'every pair on a journal that a dead process has sealed'
const TORN = 'every pair while an append is seen half done, or stays torn'
const EXPIRY = 'every pair while the session expires'
const POWER = 'power loss at every moment'
const FAILING_SYNC = 'power loss after a sync that failed'
const DYING = 'a holder finishes its rename and dies while another takes over'

/** Every step of the protocol whose omission would lose something, and others that would break a promise. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'what was appended is not read back',
    file: 'journal/journal.ts',
    replace: 'const tail = this.#tail(bytes.length)',
    by: 'const tail = Buffer.from(bytes) as Buffer | undefined',
    foundBy: FRESH,
  },
  {
    name: 'a load trusts what it read last time',
    file: 'open-journals.ts',
    replace: 'if (!this.#isReplaced(kept)) {',
    by: 'if (kept.key) {',
    foundBy: FRESH,
  },
  {
    name: 'a conditional save does not look at the version at its place',
    file: 'journal/replay.ts',
    replace: "line.ifVersion === undefined || line.ifVersion === record.version ? 'applied' : 'conflict'",
    by: "'applied'",
    foundBy: FRESH,
  },
  {
    name: 'a line behind a seal counts',
    file: 'journal/replay.ts',
    replace: "line.kind === 'seal' && line.replaces === state.seal.id ? 'applied' : 'sealed'",
    by: "line.kind === 'seal' && line.replaces === state.seal.id ? 'applied' : fateInOpen(state.record, line)",
    foundBy: LONG,
  },
  {
    name: 'a delete only unlinks',
    file: 'delete.ts',
    replace: "if (before?.journal.state.phase === 'ended') return yield* deleteAgain(parts, before)",
    by: 'if (before) { removeFile(parts, before); return true }',
    foundBy: FRESH,
  },
  {
    name: 'a fold renames without having sealed',
    file: 'folds.ts',
    replace: 'if (!this.#seal(opened)) return',
    by: "Object.assign(journal, { state: { phase: 'sealed', record, seal: { id: '', holder: this.#parts.holders.self } } })",
    foundBy: LONG,
  },
  {
    name: 'a fold goes on though its seal is void',
    file: 'folds.ts',
    replace: "return state.phase === 'sealed' && this.#parts.holders.status(state.seal.holder) === 'self'",
    by: "return state.phase === 'sealed' || this.#parts.holders.self.pid === 0",
    also: { replace: ".fate === 'applied'\n", by: ".fate !== 'ended'\n" },
    foundBy: 'two fold the same journal, and one of them saves on',
  },
  {
    name: 'a fold takes the record from before its seal',
    file: 'folds.ts',
    replace: 'if (successor && !isSameState(successor.record, journal.record)) {',
    by: 'if (successor && successor.record.version > 1000) {',
    foundBy: LONG,
  },
  {
    name: 'a fold forgets an extension from before its seal',
    file: 'folds.ts',
    replace: '&& one.expiresAt === other.expiresAt',
    by: '',
    foundBy: LONG,
    takesLong: true,
  },
  {
    name: 'what a killed fold leaves behind stays for ever',
    file: 'sweep.ts',
    replace: 'if (isTemporaryName(name)) removeOrphan(this.#parts, path)\n      else if',
    by: 'if',
    foundBy: 'one is killed at any moment of a fold, and two others save',
  },
  {
    name: 'a living holder is replaced',
    file: 'succession.ts',
    replace: "if (status === 'alive') return false",
    by: '',
    foundBy: LONG,
  },
  {
    name: 'a dead holder is waited for',
    file: 'succession.ts',
    replace: "if (status === 'alive') return false",
    by: "if (status !== 'self') return false",
    foundBy: SEALED,
    takesLong: true,
  },
  {
    name: 'a take-over replaces whichever seal is in force',
    file: 'journal/replay.ts',
    replace: "line.kind === 'seal' && line.replaces === state.seal.id ? 'applied' : 'sealed'",
    by: "line.kind === 'seal' && line.replaces !== undefined ? 'applied' : 'sealed'",
    foundBy: SEALED,
    takesLong: true,
  },
  {
    name: 'a take-over does not look whether the dead holder had finished',
    file: 'folds.ts',
    replace: '|| !names.hasItsName(opened)',
    by: '',
    foundBy: DYING,
  },
  {
    name: 'replay stops at a torn line in the middle',
    file: 'journal/line.ts',
    replace: 'if (next === -1) break',
    by: 'break',
    foundBy: TORN,
  },
  {
    name: 'a last line that is not whole yet counts as damaged',
    file: 'journal/line.ts',
    replace: 'if (next === -1) break',
    by: '',
    foundBy: TORN,
    takesLong: true,
  },
  {
    name: 'a sweep ends a session whatever its expiry is now',
    file: 'sweep.ts',
    replace: "{ kind: 'end', id: parts.nextLineId(), ifExpires: expiresAt }",
    by: "{ kind: 'end', id: parts.nextLineId() }",
    foundBy: EXPIRY,
    takesLong: true,
  },
  {
    name: 'a save revives a session that had expired when it was appended',
    file: 'journal/replay.ts',
    replace: "if (record.expiresAt <= line.at) return 'expired'",
    by: '',
    foundBy: 'a session is made to expire sooner, and does, and another extends it that does not know',
  },
  {
    name: 'somebody is told that a session has expired, and nothing says so to the others',
    file: 'expire.ts',
    replace: "if (appendEnd(parts, opened, state.record) === 'applied') {",
    by: 'if (state.record) {\n        if (state) return undefined',
    foundBy: EXPIRY,
  },
  {
    name: 'a creator that slept does not look whether its line came first',
    file: 'journal/journal.ts',
    replace: '.equals(bytes)) return false',
    by: '.equals(bytes)) this.size = 0',
    foundBy: 'a creator falls asleep for longer than a minute, and the sweep comes by',
  },
  {
    name: 'a descriptor stays open',
    file: 'journal/journal.ts',
    replace: 'if (!this.evicted || this.pins > 0 || this.fd === -1) return',
    by: 'if (!this.evicted || this.pins > 0 || this.fd === -1 || this.nameless) return',
    foundBy: LONG,
  },
  {
    name: 'a save answers before it is synced',
    file: 'make-durable.ts',
    replace: 'if (!durability.isPromised) return\n',
    by: 'if (durability.isPromised) return\n',
    foundBy: POWER,
  },
  {
    name: 'a save shares a sync that had begun before it was appended',
    file: 'durability.ts',
    replace: '    return syncs.next\n',
    by: '    return syncs.running\n',
    foundBy: POWER,
  },
  {
    name: 'a creation does not sync the directory',
    file: 'make-durable.ts',
    replace: '  yield* settled(names.syncShard(shardOf(key)))\n  const isReplaced',
    by: '  const isReplaced',
    foundBy: POWER,
  },
  {
    name: 'a fold renames what was not synced',
    file: 'successor.ts',
    replace: '    if (durability.isPromised) yield* settled(durability.sync(journal))\n',
    by: '',
    foundBy: POWER,
    takesLong: true,
  },
  {
    name: 'what power loss left of a line spoils the one before it',
    file: 'journal/line.ts',
    replace: 'zero === -1 || zero > end ? end : zero',
    by: 'zero === -1 || bytes[end - 1] !== 0 ? end : zero',
    foundBy: POWER,
  },
  {
    name: 'a failed sync is forgotten, and the next one is believed',
    file: 'make-durable.ts',
    replace: '    condemn(parts, opened)\n',
    by: '',
    foundBy: FAILING_SYNC,
  },
  {
    name: 'an append that the system cut short counts as done',
    file: 'journal/journal.ts',
    replace: 'if (this.#files.append(this.fd, bytes) < bytes.length) this.#writeAgain(bytes)',
    by: 'this.#files.append(this.fd, bytes)',
    foundBy: 'random',
    takesLong: true,
  },
  {
    name: 'a first line that the system cut short is written anew behind its part',
    file: 'journal/journal.ts',
    replace: 'this.#writeAgain(bytes.subarray(written))',
    by: 'this.#writeAgain(bytes)',
    foundBy: 'random',
    takesLong: true,
  },
  {
    name: 'an error of the system reaches the caller as it is',
    file: 'system-error.ts',
    replace: 'if (error instanceof UntornError || !isSystemError(error)) return error',
    by: 'return error',
    foundBy: 'random',
  },
  {
    name: 'an error while the end is appended counts as a delete',
    file: 'commit.ts',
    replace:
      '    journals.drop(opened) // what is known of the file may be wrong now: read it again\n    throw error\n',
    by: "    journals.drop(opened)\n    if (line.kind !== 'end') throw error\n    return { fate: 'applied', record: opened.journal.record }\n",
    foundBy: 'random',
    takesLong: true,
  },
  ...SPACE_FAULTS,
  ...START_FAULTS,
  ...SYNC_FAULTS,
]
