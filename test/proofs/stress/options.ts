import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'

/** What a run is told. */
export interface StressOptions {
  /** How long the processes work, without what it takes to start them and to judge what they did. */
  seconds: number
  /** Processes that work at the same time. */
  processes: number
  /** Decides what the processes do and what is done to them. When each of it happens is up to the machine. */
  seed: string
  durability: 'process' | 'disk'
  /** Where the sessions go; it stays after the run. Default: a temporary one, that goes unless something is wrong. */
  directory?: string
}

export const USAGE = `npm run stress -- [--seconds 60] [--processes 4] [--seed TEXT] [--durability process|disk] [--directory DIR]`

/** An argument that can't be used. */
export class ArgumentError extends Error {}

export function optionsFrom(args: readonly string[]): StressOptions {
  const { seconds, processes, seed, durability, directory } = parsed(args)
  if (durability !== 'process' && durability !== 'disk') {
    throw new ArgumentError(`--durability is "process" or "disk", not "${durability}".`)
  }
  const options: StressOptions = {
    seconds: wholeNumber('--seconds', seconds, 1, 86_400),
    processes: wholeNumber('--processes', processes, 2, 64),
    seed: seed ?? String(randomInt(1_000_000)),
    durability,
  }
  if (directory === '') throw new ArgumentError('--directory is a path.')
  return directory === undefined ? options : { ...options, directory }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seconds: { type: 'string', default: '60' },
        processes: { type: 'string', default: '4' },
        seed: { type: 'string' },
        durability: { type: 'string', default: 'process' },
        directory: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new ArgumentError((error as Error).message, { cause: error })
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && number <= most) return number
  throw new ArgumentError(`${name} is a whole number from ${least} to ${most}, not "${text}".`)
}
