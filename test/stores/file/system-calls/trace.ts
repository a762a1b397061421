import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { TestContext } from 'vitest'
import { type Moment, readCalls } from './calls.ts'
import { type Before, pathsTo } from './disk.ts'

/** All threads, paths with the descriptors, texts in full, and no stop at calls that are not looked at. */
const HOW = ['-f', '-qq', '-y', '-s', '1000000', '-esignal=none', '--seccomp-bpf']

let reason: string | undefined

/** Why nothing can be traced here, and what to do; empty: it works. */
export function whyNoTrace(): string {
  reason ??= lookForStrace()
  return reason
}

function lookForStrace(): string {
  const tried = spawnSync('strace', [...HOW, '-o', '/dev/null', 'true'], { encoding: 'utf8' })
  if (tried.error) return 'No strace found. On Linux, install it (Debian and Ubuntu: apt-get install strace).'
  if (tried.status === 0) return ''
  return `strace can't trace here: it is too old, or ptrace is forbidden. ${tried.stderr.trim()}`
}

let warned = false

/**
 * For `beforeEach` of tests that trace a process. Where that can't be done they count as skipped, with the reason; where
 * CI is set they fail, since there it has to work.
 */
export function needsStrace({ skip }: Pick<TestContext, 'skip'>): void {
  const missing = whyNoTrace()
  if (missing === '') return
  if (process.env.CI) throw new Error(missing)
  if (!warned) console.warn(`Skipped what needs strace. ${missing}`)
  warned = true
  skip(missing)
}

export interface TraceOptions {
  /** System calls to look at; those that a machine doesn't have are no error. */
  calls: readonly string[]
  /** Options for strace. */
  strace?: readonly string[]
  /** Arguments for the script, after the directory. */
  args?: readonly string[]
  env?: NodeJS.ProcessEnv
  /** Prepares the store's directory before the trace begins; else neither it nor its parent exist. */
  prepare?: (root: string) => unknown
  /** Deals with the process while it runs: it is given the lines that it prints. Its input ends after it. */
  during?: (nextLine: () => Promise<string>) => Promise<void>
}

export interface Trace {
  moments: Moment[]
  /** The store's directory, as it was. */
  root: string
  /** The directory that the store's is in, and what was there before. */
  base: string
  before: Before
}

/** Runs a script with the path of a store's directory, and traces it. Everything is gone when it has ended. */
export async function traceOf(script: URL, { prepare, ...options }: TraceOptions): Promise<Trace> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'untorn-trace-')))
  try {
    const root = join(base, 'var', 'sessions')
    if (prepare) {
      mkdirSync(root, { recursive: true, mode: 0o700 })
      await prepare(root)
    }
    const before = lookAt(base)
    const output = join(base, 'calls')
    await run(script, root, output, options)
    return { moments: readCalls(readFileSync(output, 'utf8')), root, base, before }
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

async function run(
  script: URL,
  root: string,
  output: string,
  options: Omit<TraceOptions, 'prepare'>,
): Promise<void> {
  const { calls, strace = [], args = [], env, during } = options
  const set = calls.map((call) => (call.startsWith('%') ? call : `?${call}`)).join()
  const how = [...HOW, `-etrace=${set}`, ...strace, '-o', output]
  const notes = openSync('/dev/null', 'w')
  const child = spawn('strace', [...how, process.execPath, fileURLToPath(script), root, ...args], {
    stdio: ['pipe', 'pipe', 'inherit', notes],
    // What libuv gives to io_uring is no system call of its own, and could not be seen.
    env: { ...process.env, ...env, UV_USE_IO_URING: '0' },
  })
  closeSync(notes)
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  try {
    await during?.(async () => {
      const next = await lines.next()
      if (next.done) throw new Error('The traced process ended without printing what it was waited for.')
      return next.value
    })
  } finally {
    child.stdin!.end()
    await ended
  }
  if (child.exitCode !== 0) throw new Error(`The traced process ended with exit code ${child.exitCode}.`)
}

/** A directory with its parents and all that is in it. */
function lookAt(base: string): Before {
  const entries = readdirSync(base, { recursive: true, withFileTypes: true })
  const pathOf = ({ parentPath, name }: (typeof entries)[number]) => join(parentPath, name)
  const files = entries.filter((entry) => entry.isFile()).map(pathOf)
  return {
    directories: [...pathsTo(base), ...entries.filter((entry) => entry.isDirectory()).map(pathOf)],
    // A manifest is synced before it gets its name, by whomever: a start shows that.
    files: files.map((path) => ({ path, bytes: readFileSync(path), synced: path.endsWith('/untorn.json') })),
  }
}
