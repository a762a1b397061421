import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import './on-node-20.js'
import type { SessionsSource } from '../../../src/sveltekit.ts'

/** What the built application finds in the process that it is loaded in, by the host under which it is reached. */
export interface Site {
  options: SessionsSource
  /** Answers what no page of the application does. */
  // biome-ignore lint/suspicious/noExplicitAny: an event of the built application
  page(event: any): Promise<Response>
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
      req.headers[PROTOCOL] = said ?? 'http'
      // SvelteKit refuses a form that does not come from itself.
      req.headers.origin ??= `http://${req.headers.host}`
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

  async #build(): Promise<RequestListener> {
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
          UNTORN_FOLDER: this.#folder,
          UNTORN_ENTRY: path('../../../dist/sveltekit.js'),
        },
      },
    )
    if (status !== 0) throw new Error(`vite build failed:\n${stdout}\n${stderr}`)
    process.env.PROTOCOL_HEADER = PROTOCOL
    const { handler } = await import(pathToFileURL(join(this.#folder, 'built', 'handler.js')).href)
    return handler
  }
}
