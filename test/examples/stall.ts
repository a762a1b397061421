import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const EXAMPLE = join(ROOT, 'examples', 'express-session')

/** What the example and its migration need, of those that are installed for the tests. */
const PACKAGES = ['express', 'express-session', 'session-file-store']

/** The example of express-session as somebody's own project, so that its files can be changed. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'untorn-stall-'))

  constructor() {
    const mine = join(this.folder, 'examples', 'express-session')
    // As the example serves the shop's style sheets.
    cpSync(join(ROOT, 'examples', 'shop', 'public'), join(this.folder, 'examples', 'shop', 'public'), {
      recursive: true,
    })
    cpSync(EXAMPLE, mine, {
      recursive: true,
      filter: (path) =>
        !['node_modules', '.sessions'].includes(basename(path)) && !/\/sessions\/.+\.json$/.test(path),
    })
    mkdirSync(join(this.folder, 'node_modules'))
    symlinkSync(ROOT, join(this.folder, 'node_modules', 'untorn'))
    for (const name of PACKAGES)
      symlinkSync(join(ROOT, 'node_modules', name), join(this.folder, 'node_modules', name))
  }

  /** The path of a file of the application. */
  path(...names: string[]): string {
    return join(this.folder, 'examples', 'express-session', ...names)
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8')
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export interface RunningStall {
  /** Without a slash at its end. */
  address: string
  /** Asks it to end, as a service manager does, and waits for it; the exit code. */
  stop(): Promise<number | null>
  /** Ends it, if it still runs. */
  kill(): void
}

/** The application as a process of its own, once it has printed its address. */
export async function startStall(project: Project, file: string, port = 0): Promise<RunningStall> {
  const child = spawn(process.execPath, [project.path(file)], {
    cwd: project.path(),
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  }) as ChildProcessByStdio<null, Readable, Readable>
  const exited = once(child, 'exit')
  const errors: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  const lines = createInterface({ input: child.stdout })
  const address = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const found = /http:\/\/[\d.]+:\d+/.exec(line)?.[0]
      if (found) resolve(found)
    })
    exited.then(() => reject(new Error(`${file} did not start:\n${Buffer.concat(errors)}`)), reject)
  })
  return {
    address,
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      child.kill('SIGTERM')
      const [code] = await exited
      return code as number | null
    },
  }
}

/** Somebody with cookies, as a browser has them. */
export class StallVisitor {
  readonly #cookies = new Map<string, string>()

  /** What it sends. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** Somebody else, with the same cookies. */
  twin(): StallVisitor {
    const twin = new StallVisitor()
    for (const [name, value] of this.#cookies) twin.#cookies.set(name, value)
    return twin
  }

  /** The status of the answer; its body has been read. */
  async post(address: string, path: string, form: Record<string, string> = {}): Promise<number> {
    const answer = await this.#ask(address, path, { method: 'POST', body: new URLSearchParams(form) })
    return answer.status
  }

  signIn(address: string, name: string): Promise<number> {
    return this.post(address, '/sign-in', { name, password: 'secret' })
  }

  /** What their session holds. */
  async values(address: string): Promise<Record<string, unknown>> {
    const answer = await this.#ask(address, '/session', {})
    return JSON.parse(answer.text) as Record<string, unknown>
  }

  async page(address: string, path: string): Promise<string> {
    const { status, text } = await this.#ask(address, path, {})
    if (status !== 200) throw new Error(`${path} was answered with ${status}.`)
    return text
  }

  async #ask(address: string, path: string, init: RequestInit): Promise<{ status: number; text: string }> {
    const headers = { cookie: this.cookie, origin: address }
    const answer = await fetch(address + path, { ...init, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      if (value === '') this.#cookies.delete(name!)
      else this.#cookies.set(name!, value!)
    }
    return { status: answer.status, text: await answer.text() }
  }
}
