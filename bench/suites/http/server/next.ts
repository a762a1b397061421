import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SessionStore } from 'untorn'
import type { Keeping } from '../candidates.ts'
import { answerTo, none } from './answer.ts'
import { folderOf } from './elsewhere/packages.ts'

type Next = (options: { dev: false; dir: string; quiet: boolean }) => {
  prepare(): Promise<void>
  getRequestHandler(): RequestListener
}

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const INSTALLED = fileURLToPath(new URL('node_modules/', folderOf('Next.js')))

/** A build of Next.js, with a route handler for each way to keep a session. Built by whoever is first. */
export async function nextServer(
  directory: string,
  keeping: Keeping,
  store: SessionStore | undefined,
): Promise<Server> {
  const folder = join(dirname(directory), 'built-by-next')
  Object.assign(process.env, { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', UNTORN_ROOT: ROOT })
  if (!existsSync(folder)) build(folder)
  const answer = async (path: string, session: () => object): Promise<Response> =>
    Response.json(await answerTo(path, session))
  // The application runs in this process, and has it from here.
  Object.assign(globalThis, { untornBench: { store, answer, none: none() } })
  const next = createRequire(join(folder, 'package.json'))('next') as Next
  const app = next({ dev: false, dir: folder, quiet: true })
  await app.prepare()
  const handle = app.getRequestHandler()
  return createServer((req, res) => {
    req.url = `/${keeping}${req.url}`
    handle(req, res)
  })
}

function build(folder: string): void {
  cpSync(new URL('../applications/next', import.meta.url), folder, { recursive: true })
  const packages = join(folder, 'node_modules')
  mkdirSync(join(packages, 'untorn'), { recursive: true })
  for (const name of readdirSync(INSTALLED)) {
    if (name !== 'untorn' && !name.startsWith('.')) symlinkSync(join(INSTALLED, name), join(packages, name))
  }
  symlinkSync(join(ROOT, 'bench/node_modules/iron-session'), join(packages, 'iron-session'))
  for (const part of ['dist', 'package.json']) {
    cpSync(join(ROOT, part), join(packages, 'untorn', part), { recursive: true })
  }
  execFileSync(process.execPath, [join(INSTALLED, 'next/dist/bin/next'), 'build'], {
    cwd: folder,
    stdio: 'pipe',
  })
}
