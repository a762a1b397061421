import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../examples/shop/main.ts', import.meta.url))

export interface RunningShop {
  /** Where it listens, without a slash at the end. */
  address: string
  /** Asks it to end, as Ctrl+C or a service manager does; the exit code it ended with. */
  stop(): Promise<number | null>
}

export interface ShopSettings {
  port?: number
  /** Of a server, in place of files. */
  url?: string
  /** After how long it asks for the name again. Default: no test lasts as long. */
  askAgainAfter?: string
}

/** The example application as a process of its own, as `npm start` runs it, once it has printed its address. */
export async function startShop(
  sessionsFolder: string,
  { port = 0, url = '', askAgainAfter = '1d' }: ShopSettings = {},
): Promise<RunningShop> {
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    env: {
      ...process.env,
      SESSIONS_DIR: sessionsFolder,
      PORT: String(port),
      SESSIONS_URL: url,
      ASK_AGAIN_AFTER: askAgainAfter,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const errors: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  for await (const line of createInterface(child.stdout)) {
    const address = /http:\/\/[\d.]+:\d+/.exec(line)?.[0]
    if (address) {
      // What it complains of belongs into the report of the tests.
      child.stderr.pipe(process.stderr)
      return { address, stop: () => stop(child) }
    }
  }
  throw new Error(`The example did not start:\n${Buffer.concat(errors)}`)
}

/** A folder of one's own for sessions, and its removal. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'untorn-shop-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
  }
  return child.exitCode
}
