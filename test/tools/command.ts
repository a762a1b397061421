import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from '../support/directory.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The command as it ships. */
export const COMMAND = join(ROOT, 'dist', 'cli.js')

export interface Ended {
  /** The exit code, or the signal that ended it. */
  code: number | NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Running {
  process: ChildProcess
  ended: Promise<Ended>
  /** Resolves when it has printed this to its standard error. */
  said(text: string): Promise<void>
}

interface Around {
  env?: Record<string, string>
  /** Default: the directory of this package, with all drivers. */
  cwd?: string
}

/** Starts `untorn` with these arguments. */
export function start(args: readonly string[], { env, cwd = ROOT }: Around = {}): Running {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd,
    env: { ...process.env, ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text
    })
  }
  return {
    process: child,
    ended: once(child, 'close').then(([code, signal]) => ({ code: code ?? signal, ...printed })),
    async said(text) {
      while (!printed.stderr.includes(text)) await once(child.stderr, 'data')
    },
  }
}

/** Runs `untorn` to its end. */
export function untorn(args: readonly string[], around?: Around): Promise<Ended> {
  return start(args, around).ended
}

/** The directory of an application that has installed these packages. */
export function applicationWith(...drivers: string[]): string {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'node_modules'))
  for (const name of drivers) {
    symlinkSync(join(ROOT, 'node_modules', name), join(directory, 'node_modules', name))
  }
  return directory
}
