import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { RunClock } from './clock.ts'
import type { Moment } from './history/operation.ts'
import type { Keeper } from './keeper.ts'
import { type Command, LOADING_DESCRIPTORS, type Notice, type Setup } from './wire.ts'

/** Node itself needs about half of them; the sessions of a run are many more. */
const SCARCE_DESCRIPTORS = 48

/** What is kept of the error output of a process that ends by itself. */
const MOST_ERROR_TEXT = 4000

/** A process of the run as its parent sees it. */
export class WorkerProcess {
  readonly setup: Setup
  /** When it was stopped. */
  readonly stops: { from: Moment; to: Moment }[] = []
  /** When it was found dead, and the same on the wall clock. */
  ended: { at: Moment; wall: number } | undefined
  isReady = false
  isStopped = false
  /** What it said when it ended without being asked to. */
  failure: string | undefined
  readonly over: Promise<void>
  readonly #child: ChildProcess
  readonly #clock: RunClock
  #mayEnd = false

  constructor(script: string, setup: Setup, clock: RunClock, told: (notice: Notice) => void) {
    this.setup = setup
    this.#clock = clock
    this.#child = start(script, setup)
    this.over = new Promise((resolve) => this.#child.once('close', resolve))
    let errors = ''
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-MOST_ERROR_TEXT)
    })
    this.#child.stdin!.on('error', () => {}) // it died with a command on its way
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const notice = JSON.parse(line) as Notice
      if ('ready' in notice) this.isReady = true
      told(notice)
    })
    this.#child.once('close', (code, signal) => {
      this.ended = { at: clock.now(), wall: Date.now() }
      if (!this.#mayEnd) this.failure = `It ended with ${signal ?? `exit code ${code}`}. ${errors}`
    })
  }

  tell(command: Command): void {
    this.#child.stdin!.write(`${JSON.stringify(command)}\n`)
  }

  kill(): void {
    this.#mayEnd = true
    this.#child.kill('SIGKILL')
  }

  /** Lets it finish what it is doing. */
  finish(): void {
    this.#mayEnd = true
    this.tell({ stop: true })
  }

  async stop(keeper: Keeper, ms: number): Promise<void> {
    this.isStopped = true
    const stop = { from: this.#clock.now(), to: Number.POSITIVE_INFINITY }
    this.stops.push(stop)
    await keeper.stop(this.#child.pid!, ms)
    stop.to = this.#clock.now()
    this.isStopped = false
  }
}

function start(script: string, setup: Setup): ChildProcess {
  const node = [process.execPath, script, JSON.stringify(setup)]
  const limited = [
    'sh',
    '-c',
    `ulimit -n ${SCARCE_DESCRIPTORS + LOADING_DESCRIPTORS}; exec "$0" "$@"`,
    ...node,
  ]
  const [program, ...args] = setup.kind === 'scarce' ? limited : node
  const { NODE_OPTIONS: _, ...env } = process.env
  // Detached, so that Ctrl-C reaches the parent alone, which then ends the run in order.
  return spawn(program!, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env })
}
