import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http, { type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import expressNow, { type RequestHandler } from 'express'
import { sessions } from '../../../src/express.ts'
import {
  counter,
  type MaybePromise,
  type Serializer,
  type SessionStore,
  sessionKey,
  union,
} from '../../../src/index.ts'
import { compiled } from '../../support/child.ts'
import { application, type Library } from './application.ts'
import { Site } from './site.ts'

const shipped: Library = { sessions, counter, union, sessionKey }

/** Given to a store that needs one: it is gone with the site. */
type OpenStore = (directory: string) => MaybePromise<SessionStore>

/** What its application is made with besides a store. */
export interface ServeOptions {
  express?: typeof expressNow
  first?: RequestHandler
  /** In place of the package as it stands in src/. */
  library?: Library
  serializer?: Serializer
  /** Ends what the store was given, once it is closed. */
  end?: () => Promise<unknown>
}

/** One server, in this process. */
export function oneServer(open: OpenStore, options?: ServeOptions): Promise<Site> {
  return serversHere(1, open, options)
}

/** Servers in this process, each with a store of its own over the same directory. */
export async function serversHere(
  count: number,
  open: OpenStore,
  { express = expressNow, library = shipped, first, serializer, end: endOthers }: ServeOptions = {},
): Promise<Site> {
  const directory = temporary()
  const stores = await Promise.all(Array.from({ length: count }, () => open(directory)))
  const servers = stores.map((store) => {
    const app = application({
      express,
      library,
      store,
      ...(first && { first }),
      ...(serializer && { serializer }),
    })
    return http.createServer(app as RequestListener).listen(0, '127.0.0.1')
  })
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  return new Site(ports, async () => {
    for (const server of servers) {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    }
    for (const store of stores) await store.close()
    await endOthers?.()
    rmSync(directory, { recursive: true, force: true })
  })
}

/** Servers that are processes of their own and run the package as it ships, over files in one directory or a server. */
export async function severalProcesses(count: number, url?: string): Promise<Site> {
  const directory = temporary()
  const script = compiled(new URL('children/serve.ts', import.meta.url))
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, [script, url ?? directory], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  )
  const close = async () => {
    await Promise.all(children.map(end))
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    return new Site(await Promise.all(children.map(portOf)), close)
  } catch (error) {
    await close()
    throw error
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  const lines = createInterface({ input: child.stdout! })
  for await (const line of lines) return Number(line)
  throw new Error('A server process ended before it listened.')
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = once(child, 'exit')
  child.kill('SIGKILL')
  await over
}

function temporary(): string {
  return mkdtempSync(join(tmpdir(), 'untorn-races-'))
}
