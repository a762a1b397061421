import { UntornError } from '../../index.ts'
import { FAILED, INTERRUPTED, Interrupted, UsageError, WRONG_USAGE } from './exit.ts'
import { type Location, locationOf } from './location.ts'
import { type OpenPair, openPair } from './open.ts'
import { Progress } from './progress.ts'
import { resumeLine } from './report.ts'
import { hide } from './secrets.ts'

/** What a command has around it. */
export interface Io {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  env: NodeJS.ProcessEnv
  cwd: string
  version: string
  /** Aborted, with {@link Interrupted}, when the user ends the command. */
  signal: AbortSignal
}

export interface CommonOptions {
  from: string
  to: string
  createTable?: boolean
  concurrency: number
  deadline: number
  progress: boolean
  quiet?: boolean
  json?: boolean
}

/** What a command works with. */
export interface Work extends OpenPair {
  labels: { from: string; to: string }
  progress: Progress
  signal: AbortSignal
  /** Prints a line of the result, unless it is to be quiet or in JSON. */
  say(line: string): void
}

/** What came of it: its exit code, and what JSON has of it. */
export interface Outcome {
  code: number
  result: object
}

interface Command {
  name: string
  options: CommonOptions
  work(work: Work): Promise<Outcome>
  /** What was done so far, for who ends it or meets a failure. */
  soFar(): { text: string; result: object }
}

/** Opens both stores, does the work, and says what came of it; resolves with the exit code. */
export async function run({ name, options, work, soFar }: Command, io: Io): Promise<number> {
  const { stdout, stderr, signal } = io
  const { quiet, json, concurrency, deadline, createTable = false } = options
  const progress = new Progress({ stream: stderr, kind: kindOf(options, stderr) })
  const print = (result: object): void => {
    if (json) stdout.write(`${JSON.stringify({ command: name, ...result })}\n`)
  }
  const secrets: string[] = []
  let pair: OpenPair | undefined
  try {
    const [from, to] = (['from', 'to'] as const).map((option) => {
      const location = locationOf(options[option], { option: `--${option}`, env: io.env, cwd: io.cwd })
      secrets.push(...location.secrets)
      return location
    }) as [Location, Location]
    pair = await openPair(from, to, createTable, { cwd: io.cwd, concurrency, deadline })
    signal.throwIfAborted()
    const labels = { from: from.label, to: to.label }
    const say = (line: string): void => {
      if (!quiet && !json) stdout.write(`${line}\n`)
    }
    const { code, result } = await work({ ...pair, labels, progress, signal, say })
    progress.end()
    print({ from: from.label, to: to.label, ...result })
    return code
  } catch (error) {
    progress.end()
    const done = soFar()
    const begun = pair !== undefined && !(error instanceof UsageError)
    if (error instanceof Interrupted) {
      if (!quiet) stderr.write(`Interrupted. ${resumeLine(done.text)}\n`)
      print({ error: { code: 'INTERRUPTED', message: 'Interrupted' }, ...done.result })
      return INTERRUPTED
    }
    const { code, message } = described(error, secrets)
    stderr.write(`untorn ${name}: ${message}${code === undefined ? '' : ` (${code})`}\n`)
    if (begun) stderr.write(`${resumeLine(done.text)}\n`)
    print({ error: { code: code ?? null, message }, ...done.result })
    return error instanceof UsageError ? WRONG_USAGE : FAILED
  } finally {
    await pair?.close()
  }
}

function kindOf({ progress, quiet }: CommonOptions, stream: NodeJS.WriteStream): 'bar' | 'lines' | 'none' {
  if (!progress || quiet) return 'none'
  return stream.isTTY ? 'bar' : 'lines'
}

function described(error: unknown, secrets: string[]): { code: string | undefined; message: string } {
  if (error instanceof UsageError) return { code: undefined, message: error.message }
  const message = hide(error instanceof Error ? error.message : String(error), secrets)
  const code = (error as { code?: unknown } | null)?.code
  if (error instanceof UntornError && /no such table/.test(message)) {
    return { code: error.code, message: `${message} For the target, --create-table does it.` }
  }
  return { code: typeof code === 'string' ? code : undefined, message }
}
