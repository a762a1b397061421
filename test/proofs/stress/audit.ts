import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { RunClock } from './clock.ts'
import type { DiaryOf } from './diaries.ts'
import { filesLeft, sweepOld } from './files-left.ts'
import type { SessionHistory } from './history/operation.ts'
import type { Violation } from './history/rules.ts'
import { type Address, nameOf, type Place, type Setup } from './wire.ts'

/** Longer than the store waits for a holder that it can't look at: after that, no fold may be left unfinished. */
const BUSY_TIMEOUT_MS = 40_000

/** Has a fresh process look at every session when all others are gone. @returns its diary */
export async function audit(
  script: string,
  setup: Omit<Setup, 'name' | 'kind'>,
  addresses: readonly Address[],
  clock: RunClock,
): Promise<DiaryOf> {
  const own: Setup = { ...setup, name: 'audit', kind: 'plain', busyTimeout: BUSY_TIMEOUT_MS }
  const child = spawn(process.execPath, [script, JSON.stringify(own)], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const exited = once(child, 'exit').finally(() => process.removeListener('exit', kill))
  child.stdin.end(addresses.map((address) => `${JSON.stringify(address)}\n`).join(''))
  const [code, signal] = await exited
  if (code !== 0) throw new Error(`The audit ended with ${signal ?? `exit code ${code}`}.`)
  return { worker: own.name, path: own.diary, ended: { at: clock.now(), wall: Date.now() } }
}

/** When nothing is wrong any more, nothing fails any more. */
export function failuresInAudit(sessions: readonly SessionHistory[]): Violation[] {
  return sessions.flatMap(({ name, operations }) =>
    operations
      .filter(({ worker, answer }) => worker === 'audit' && answer?.is === 'failed')
      .map((operation) => ({
        promise: 'nobody stuck',
        session: name,
        text: `It can't be used though no other process is there any more (${operation.id}).`,
        operations: [operation],
      })),
  )
}

export interface Leftovers {
  temporaryFiles: number
  unfinishedFiles: number
  violations: Violation[]
}

/** Looks at the files themselves: what a sweep leaves behind once it is old, and what can't be read. */
export async function auditFiles(place: Place, sessions: readonly SessionHistory[]): Promise<Leftovers> {
  const before = filesLeft(place)
  await sweepOld(place)
  const after = filesLeft(place)
  const here = sessions.filter((session) => session.place === place.name)
  const lost = after.torn.filter((path) => wasCreated(path, here))
  const wrong: [readonly string[], Violation['promise'], string][] = [
    [after.temporary, 'nothing left behind', 'A temporary file was not swept.'],
    [after.empty, 'nothing left behind', 'An empty file was not swept.'],
    [before.foreign, 'nothing left behind', 'A file is there that no store makes.'],
    [lost, 'whole', 'Its journal has no whole first line, and its creation was acknowledged.'],
  ]
  return {
    temporaryFiles: before.temporary.length,
    unfinishedFiles: before.empty.length + before.torn.length + before.ended.length,
    violations: wrong.flatMap(([paths, promise, text]) =>
      paths.map((path) => ({ promise, session: path, text, operations: [] })),
    ),
  }
}

function wasCreated(path: string, sessions: readonly SessionHistory[]): boolean {
  const name = nameOf(path.replace('/', '') as Address['key'])
  const session = sessions.find((other) => other.name === name)
  return session?.operations.some(({ answer }) => answer?.is === 'created') ?? false
}
