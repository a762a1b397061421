import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import './on-node-20.js'
import type { SessionsSource } from '../../../src/sveltekit.ts'

/** What the built application finds in the process that it is loaded in, by the host under which it is reached. */
export interface Site {
  /** Of its sessions. */
  options?: SessionsSource
  /** In the place of sessions; for comparisons. */
  // biome-ignore lint/suspicious/noExplicitAny: a hook of the built application
  handle?(given: any): any
  /** Answers what no page of the application does. */
  // biome-ignore lint/suspicious/noExplicitAny: an event of the built application
  page(event: any): Promise<Response>
  /** What a page that streams goes on behind. */
  headHasLeft?: Promise<void>
  /** Whether the proxy in front of it is believed, which `PROTOCOL_HEADER` says once for a process. */
  trustProxy?: boolean
}

const sites = new Map<string, Site>()
Object.assign(globalThis, { untornSites: sites })

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const PROTOCOL = 'x-protocol-of-the-test'

/** The application of that folder, as `vite build` makes it, with untorn as it ships. */
export class Application {
  readonly #folder = mkdtempSync(join(tmpdir(), 'untorn-sveltekit-'))
  #handler: Promise<RequestListener> | undefined
  /** Whether the build has left sessions behind. */
  readonly leftBehind = () => existsSync(path('./application/.sessions'))

  async serve(site: Site): Promise<{ url: string; close(): Promise<void> }> {
    this.#handler ??= this.#build()
    const handler = await this.#handler
    const server = createServer((req, res) => {
      const said = site.trustProxy ? req.headers['x-forwarded-proto'] : undefined
      comesBy(req, said ?? 'http')
      handler(req, res)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    sites.set(host, site)
    const close = async () => {
      sites.delete(host)
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    }
    return { url: `http://${host}`, close }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #build(): Promise<RequestListener> {
    build(this.#folder)
    return handlerIn(this.#folder)
  }
}

/** Builds the application into a folder. */
export function build(folder: string): void {
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    ['--import', path('./on-node-20.js'), path('./node_modules/vite/bin/vite.js'), 'build'],
    {
      cwd: path('./application'),
      encoding: 'utf8',
      env: {
        ...process.env,
        // Also for the processes that it starts itself.
        NODE_OPTIONS: `--import=${path('./on-node-20.js')}`,
        NODE_ENV: 'production',
        UNTORN_FOLDER: folder,
        UNTORN_ENTRY: path('../../../dist/sveltekit.js'),
      },
    },
  )
  if (status !== 0) throw new Error(`vite build failed:\n${stdout}\n${stderr}`)
}

/** Says how a request has come, which its address does not; and that a page of its own has sent it: SvelteKit refuses a foreign form. */
export function comesBy({ headers }: IncomingMessage, protocol: string | string[]): void {
  headers[PROTOCOL] = protocol
  headers.origin ??= `http://${headers.host}`
}

/** What answers in the application that was built there, and is told how each request {@link comesBy}. */
export async function handlerIn(folder: string): Promise<RequestListener> {
  process.env.PROTOCOL_HEADER = PROTOCOL
  const { handler } = await import(pathToFileURL(join(folder, 'built', 'handler.js')).href)
  return handler
}
