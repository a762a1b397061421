import { StoreConfigError, StoreUnavailableError } from '../../errors.ts'
import type { Call } from '../server/calls.ts'
import type { RedisCommands } from './clients/commands.ts'
import { isUnknownScript } from './meaning.ts'
import { DELETE, type Script } from './scripts.ts'
import { newWriteId, writeOf } from './writes.ts'

export type Outcome = 'saved' | 'taken' | 'conflict' | 'gone' | 'late'

/** What became of a script, and all fields of the hash where it shows them. */
export interface Ran {
  outcome: Outcome
  fields: unknown
}

/** Unknown is the server's clock before its first answer; lost are the clocks of a cluster's nodes that don't agree. */
const MOST_TRIES = 4

interface Run {
  /** Completes "could not ...". */
  doing: string
  script: Script
  key: string
  /** What follows the first two arguments, which all scripts have. */
  args: readonly string[]
}

/** What a script is given that has only to show the server's clock. */
const ASKS_NOTHING: readonly string[] = ['', '0']

/** Carries out a script, so that it changes nothing twice, whatever a driver sends again, and nothing too late. */
export async function runScript(
  commands: RedisCommands,
  call: Call,
  { doing, script, key, args: rest }: Run,
): Promise<Ran> {
  const id = newWriteId()
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const { voidFrom } = call
    // Before the server has shown its clock the script is asked for nothing else.
    const args = voidFrom === undefined ? ASKS_NOTHING : [writeOf(id, voidFrom), `${voidFrom}`, ...rest]
    const ran = ranFrom(await send(commands, script, key, args), call, doing)
    if (ran.outcome !== 'late') return ran
    if (voidFrom !== undefined && call.voidFrom! <= voidFrom) break
  }
  throw new StoreUnavailableError(
    `Could not ${doing}: it reached Redis after its deadline, and nothing was changed. Try again; the option ` +
      '`deadline` says how long a call may take.',
  )
}

/** Has the server show its clock: by a script that is asked for nothing else, and so needs no other right than a save. */
export async function askClock(commands: RedisCommands, call: Call, prefix: string): Promise<void> {
  // A key says which node of a cluster is asked; nothing is looked for under it.
  ranFrom(await send(commands, DELETE, `${prefix}clock`, ASKS_NOTHING), call, 'ask for the time')
}

/** By its name; with its text where the server does not know it, which keeps it then. */
async function send(
  commands: RedisCommands,
  script: Script,
  key: string,
  args: readonly string[],
): Promise<unknown> {
  try {
    return await commands.send(key, 'evalsha', [script.sha1, '1', key, ...args])
  } catch (error) {
    if (!isUnknownScript(error)) throw error
    return commands.send(key, 'eval', [script.text, '1', key, ...args])
  }
}

const OUTCOMES: readonly unknown[] = ['saved', 'taken', 'conflict', 'gone', 'late'] satisfies Outcome[]

function ranFrom(reply: unknown, call: Call, doing: string): Ran {
  const [outcome, time, fields] = Array.isArray(reply) ? reply : []
  if (!OUTCOMES.includes(outcome)) {
    throw new StoreConfigError(
      `Could not ${doing}: the client gives replies in a form that the store does not know. Pass one without ` +
        'transformers of replies.',
    )
  }
  call.showed(Number(time))
  return { outcome, fields }
}
