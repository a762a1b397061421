import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import http, { type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SessionEvent, SessionStore } from '../../../src/index.ts'
import { memoryStore } from '../../../src/memory.ts'
import type { PlainSession } from '../../../src/next.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const ROOT = join(FOLDER, '..', '..', '..')
export const APPLICATION = join(FOLDER, 'application')

/** What the suite's pages are to the catch-all route of the application. */
export interface Site {
  options: object
  answer(session: PlainSession, request: Request): Promise<Response>
}

/** What the application finds of its test, in whose process it runs. */
export interface Test {
  store: SessionStore
  opened: number
  events: SessionEvent[]
  gate?: () => Promise<void>
  afterLogin?: () => void
  openStore(): SessionStore
}

export const sites = new Map<string, Site>()
export const testing: Test = {
  store: memoryStore(),
  opened: 0,
  events: [],
  openStore() {
    testing.opened++
    // Another one for each test, behind the one that the application holds.
    const get = (_: object, name: keyof SessionStore) => {
      const part = testing.store[name]
      return typeof part === 'function' ? part.bind(testing.store) : part
    }
    return new Proxy({}, { get } as ProxyHandler<object>) as SessionStore
  },
}
Object.assign(globalThis, { untornSites: sites, untornTest: testing })

/** The application as `next build` leaves it, with the package as it ships. */
export function build(): void {
  const installed = join(FOLDER, 'node_modules', 'untorn')
  rmSync(installed, { recursive: true, force: true })
  mkdirSync(installed, { recursive: true })
  for (const part of ['dist', 'package.json'])
    cpSync(join(ROOT, part), join(installed, part), { recursive: true })
  rmSync(join(APPLICATION, '.next'), { recursive: true, force: true })
  execFileSync(process.execPath, [join(FOLDER, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: APPLICATION,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: 'pipe',
  })
}

type Next = (options: { dev: false; dir: string; quiet: boolean }) => {
  prepare(): Promise<void>
  getRequestHandler(): RequestListener
}

/** The server of Next.js itself, in this process. */
export async function start(): Promise<RequestListener> {
  Object.assign(process.env, { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' })
  const next = createRequire(import.meta.url)('next') as Next
  const app = next({ dev: false, dir: APPLICATION, quiet: true })
  await app.prepare()
  return app.getRequestHandler()
}

/** A server on loopback. */
export async function listening(
  listener: RequestListener,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = http.createServer(listener)
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed())
      server.closeAllConnections()
    })
  return { port: (server.address() as AddressInfo).port, close }
}
