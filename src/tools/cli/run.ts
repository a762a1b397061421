import { clearLine, cursorTo } from 'node:readline'
import { FAILED, INTERRUPTED, Interrupted, UsageError, WRONG_USAGE } from './exit.ts'
import { locationOf } from './location.ts'
import type { Location } from './locations.ts'
import { type OpenOptions, type OpenPair, openPair } from './open.ts'
import { Progress } from './progress.ts'
import { resumeLine } from './report.ts'
import { secretOf } from './secret-option.ts'
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

/** What every command can be told. */
export interface CommonOptions {
  concurrency?: number
  /** Milliseconds. */
  deadline: number
  /** Default: true. */
  progress?: boolean
  quiet?: boolean
  json?: boolean
}

/** What a command from one store to another can be told. */
export interface PairOptions extends CommonOptions {
  from: string
  to: string
  createTable?: boolean
  concurrency: number
  /** Where the secrets of a source are, of which the first is the one of now. */
  secret?: string[]
  /** What keys are made with, of a source that has none. */
  app?: string
}

/** What a command on one store can be told. */
export interface StoreOptions extends CommonOptions {
  store: string
}

/** What a command works with: what it opened, and its stores by the options that name them, as they are shown. */
export interface Work<Open, Name extends string> {
  open: Open
  labels: Record<Name, string>
  progress: Progress
  signal: AbortSignal
  /** Prints a line of the result, unless it is to be quiet or in JSON. */
  say(line: string): void
  /** Prints a line about something that went wrong. */
  complain(line: string): void
}

/** What came of it: its exit code, and what JSON has of it. */
export interface Outcome {
  code: number
  result: object
}

/** A command on stores that options name. */
interface Command<Open, Name extends string> {
  name: string
  options: CommonOptions
  /** The stores, by the names of their options. */
  stores: Record<Name, string>
  open(locations: Record<Name, Location>, how: OpenOptions): Promise<Open>
  work(work: Work<Open, Name>): Promise<Outcome>
  /** What was done so far, for who ends it or meets a failure; without it there is nothing to go on with. */
  soFar?(): { text: string; result: object }
}

/** What a command from one store to another works with. */
export type PairWork = Work<OpenPair, 'from' | 'to'>

/** {@link run} of a command from one store to another. */
export function runPair(
  command: Pick<Command<OpenPair, 'from' | 'to'>, 'name' | 'work' | 'soFar'> & { options: PairOptions },
  io: Io,
): Promise<number> {
  const { from, to, createTable = false, secret, app } = command.options
  const open = (locations: Record<'from' | 'to', Location>, how: OpenOptions) => {
    const sourceSecrets = secret?.map((each) => secretOf(each, io))
    const read = { ...(sourceSecrets && { sourceSecrets }), ...(app !== undefined && { app }) }
    return openPair(locations, { ...how, ...read, createTable })
  }
  return run<OpenPair, 'from' | 'to'>({ ...command, stores: { from, to }, open }, io)
}

/** Opens the stores, does the work, and says what came of it; resolves with the exit code. */
export async function run<Open extends { close(): Promise<void> }, Name extends string>(
  command: Command<Open, Name>,
  io: Io,
): Promise<number> {
  const { name, options } = command
  const { stdout, stderr, signal } = io
  const { quiet, json } = options
  const progress = new Progress({ stream: stderr, kind: kindOf(options, stderr) })
  const print = (result: object): void => {
    if (json) stdout.write(`${JSON.stringify({ command: name, ...result })}\n`)
  }
  const forget = onEnding(io, progress)
  const secrets: string[] = []
  let open: Open | undefined
  try {
    const locations = locationsOf(command, io, secrets)
    const { concurrency = 1, deadline } = options
    open = await command.open(locations, { cwd: io.cwd, concurrency, deadline })
    signal.throwIfAborted()
    const labels = labelsOf(locations)
    const say = (line: string): void => {
      if (!quiet && !json) stdout.write(`${line}\n`)
    }
    const complain = (line: string): void => void stderr.write(`untorn ${name}: ${hide(line, secrets)}\n`)
    const { code, result } = await command.work({ open, labels, progress, signal, say, complain })
    progress.end()
    print({ ...labels, ...result })
    return code
  } catch (error) {
    progress.end()
    const done = command.soFar?.()
    if (error instanceof Interrupted) {
      if (!quiet) stderr.write(`Interrupted.${done ? ` ${resumeLine(done.text)}` : ''}\n`)
      print({ error: { code: 'INTERRUPTED', message: 'Interrupted' }, ...done?.result })
      return INTERRUPTED
    }
    const { code, message } = described(error, secrets)
    stderr.write(`untorn ${name}: ${message}${code === undefined ? '' : ` (${code})`}\n`)
    const isUsage = error instanceof UsageError
    if (open && !isUsage && done) stderr.write(`${resumeLine(done.text)}\n`)
    print({ error: { code: code ?? null, message }, ...done?.result })
    return isUsage ? WRONG_USAGE : FAILED
  } finally {
    forget()
    await open?.close().catch(() => {}) // what was done is done, and was told
  }
}

/** Who ends the command sees its progress taken away, and why it isn't over yet; returns what undoes this. */
function onEnding({ signal, stderr }: Io, progress: Progress): () => void {
  const ending = (): void => {
    progress.stop()
    if (stderr.isTTY) {
      // The terminal has printed ^C there.
      cursorTo(stderr, 0)
      clearLine(stderr, 0)
    }
    stderr.write('Ending after what is under way; once more to end at once.\n')
  }
  signal.addEventListener('abort', ending)
  return () => signal.removeEventListener('abort', ending)
}

/** Each store's location; what may stand in no message is added to `secrets`. */
function locationsOf<Name extends string>(
  { stores }: { stores: Record<Name, string> },
  { env, cwd }: Io,
  secrets: string[],
): Record<Name, Location> {
  const found = Object.entries<string>(stores).map(([name, text]) => {
    const location = locationOf(text, { option: `--${name}`, env, cwd })
    secrets.push(...location.secrets)
    return [name, location]
  })
  return Object.fromEntries(found)
}

function labelsOf<Name extends string>(locations: Record<Name, Location>): Record<Name, string> {
  const labels = Object.entries<Location>(locations).map(([name, { label }]) => [name, label])
  return Object.fromEntries(labels)
}

function kindOf(
  { progress = true, quiet }: CommonOptions,
  stream: NodeJS.WriteStream,
): 'bar' | 'lines' | 'none' {
  if (!progress || quiet) return 'none'
  return stream.isTTY ? 'bar' : 'lines'
}

function described(error: unknown, secrets: string[]): { code: string | undefined; message: string } {
  if (error instanceof UsageError) return { code: undefined, message: error.message }
  const message = hide(error instanceof Error ? error.message : String(error), secrets)
  const code = (error as { code?: unknown } | null)?.code
  return { code: typeof code === 'string' ? code : undefined, message }
}
