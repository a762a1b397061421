import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ServerOptions, Started, ThrowAwayServer } from '../../support/servers/throw-away.ts'

export type Start = (options: ServerOptions) => Promise<Started>

/** A server that keeps its data through everything that the tests do to it. */
export class BreakableServer implements ThrowAwayServer {
  readonly #start: Start
  readonly #folders: string[] = []
  #data: string
  #running: ThrowAwayServer | undefined
  /** One that was replaced, and is still there. */
  #replaced: ThrowAwayServer[] = []
  #frozen: number[] = []

  private constructor(start: Start) {
    this.#start = start
    this.#data = this.#folder()
  }

  static async start(start: Start): Promise<Started<BreakableServer>> {
    const server = new BreakableServer(start)
    const missing = await server.#run()
    if (missing === undefined) return { server }
    await server.stop()
    return { missing }
  }

  get url(): string {
    return this.#running!.url
  }

  get pid(): number {
    return this.#running!.pid
  }

  /** It is another one after {@link restart} and {@link replace}: the proxy in front of it leads there. */
  get port(): number {
    return this.#running!.port
  }

  get version(): string {
    return this.#running!.version
  }

  /** Kills it, in the middle of whatever it does. */
  async kill(): Promise<void> {
    await this.#running?.stop()
    this.#running = undefined
  }

  /** Starts it again on what it had. */
  async restart(): Promise<void> {
    await this.#run()
  }

  /** Stops it where it is (SIGSTOP): connections stay, and nothing is answered. */
  async freeze(): Promise<void> {
    this.#frozen = await family(this.#running!.pid)
    for (const pid of this.#frozen) process.kill(pid, 'SIGSTOP')
  }

  thaw(): void {
    for (const pid of this.#frozen) {
      try {
        process.kill(pid, 'SIGCONT')
      } catch {
        // A child that has ended.
      }
    }
    this.#frozen = []
  }

  /** Has another server take over from a frozen one, with everything that it had acknowledged. */
  async replace(): Promise<void> {
    const data = this.#folder()
    cpSync(this.#data, data, { recursive: true })
    rmSync(join(data, 'postmaster.pid'), { force: true })
    this.#replaced.push(this.#running!)
    this.#data = data
    await this.#run()
  }

  async stop(): Promise<void> {
    this.thaw()
    for (const server of [this.#running, ...this.#replaced]) await server?.stop()
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true })
  }

  async #run(): Promise<string | undefined> {
    const { server, missing } = await this.#start({ data: this.#data })
    this.#running = server
    return missing
  }

  #folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'untorn-outage-'))
    this.#folders.push(folder)
    return folder
  }
}

/** A process and its children: PostgreSQL has one for each connection. */
async function family(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid='])
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  return [pid, ...pairs.filter(([, parent]) => parent === pid).map(([child]) => child!)]
}
