import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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

/** Which Next.js builds the application and serves it, and by which bundler. */
export interface Kind {
  major: 15 | 16
  bundler: 'turbopack' | 'webpack'
}

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

/** The application as `next build` leaves it, with the package as it ships; its folder. */
export function build(kind: Kind): string {
  const application = copied(kind)
  const flags = kind.major === 15 ? ['--no-lint'] : [`--${kind.bundler}`]
  execFileSync(
    process.execPath,
    [join(packagesOf(kind), 'node_modules/next/dist/bin/next'), 'build', ...flags],
    {
      cwd: application,
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      stdio: 'pipe',
    },
  )
  return application
}

function packagesOf({ major }: Kind): string {
  return major === 16 ? FOLDER : join(FOLDER, '..', 'next-15')
}

/** A copy of the application beside the packages of its Next.js: several are built at the same time. */
function copied(kind: Kind): string {
  const application = join(packagesOf(kind), 'built', kind.bundler)
  rmSync(application, { recursive: true, force: true })
  cpSync(join(FOLDER, 'application'), application, { recursive: true })
  const installed = join(application, 'node_modules', 'untorn')
  mkdirSync(installed, { recursive: true })
  for (const part of ['dist', 'package.json'])
    cpSync(join(ROOT, part), join(installed, part), { recursive: true })
  if (kind.major === 15) asMiddleware(application)
  return application
}

/** What is called the proxy since Next.js 16, and runs on Node.js before only where that is said. */
function asMiddleware(application: string): void {
  const [proxy, middleware] = ['proxy.js', 'middleware.js'].map((name) => join(application, name)) as [
    string,
    string,
  ]
  renameSync(proxy, middleware)
  const text = readFileSync(middleware, 'utf8')
    .replace('export const proxy', 'export const middleware')
    .replace('export const config = {', "export const config = { runtime: 'nodejs',")
  writeFileSync(middleware, text)
}

type Next = (options: { dev: false; dir: string; quiet: boolean }) => {
  prepare(): Promise<void>
  getRequestHandler(): RequestListener
}

/** The server of Next.js itself, in this process. */
export async function start(application: string): Promise<RequestListener> {
  Object.assign(process.env, { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' })
  const next = createRequire(join(application, 'next.config.mjs'))('next') as Next
  const app = next({ dev: false, dir: application, quiet: true })
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
