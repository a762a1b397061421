import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { madeInPlace } from '../support/run.ts'
import { freePort } from '../support/servers/throw-away.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const EXAMPLES = join(ROOT, 'examples')

/** What some frameworks, which ask for Node.js 22, miss on 20. */
const ON_NODE_20 = `--import=${new URL('../frameworks/sveltekit/on-node-20.js', import.meta.url)}`

/** What is made there, and is not of the example. */
const MADE = [
  'node_modules',
  '.sessions',
  '.next',
  '.nuxt',
  '.output',
  '.svelte-kit',
  '.react-router',
  'build',
  'dist',
]

/** What is built holds the address at which it will be served. */
const BUILT_FOR_AN_ADDRESS = ['sveltekit']

type ExampleProcess = ChildProcessByStdio<null, Readable, Readable>

export interface RunningExample {
  /** Where it listens, without a slash at the end. */
  address: string
  /** Its files, which can be changed. */
  folder: string
  /** What it has printed until now. */
  printed(): string
  /** Has it end by itself (SIGTERM). */
  end(): void
  /** Ends it, and removes its folder with the sessions if nobody else has it. */
  stop(): Promise<void>
}

/**
 * The example of a framework, by what its `npm start` runs (or its `npm run dev`), once it answers. It has a folder of its own; but what
 * `npm start` builds before it serves is built once for a run, and who uses it next has the sessions of before beside their own.
 */
export async function startExample(
  name: string,
  script = 'start',
  environment: Record<string, string> = {},
): Promise<RunningExample> {
  const { source, scripts, PATH } = exampleOf(name)
  const isWhole = script !== 'start' || BUILT_FOR_AN_ADDRESS.includes(name)
  const steps = isWhole ? [scripts[script]!] : scripts[script]!.split(' && ')
  const serves = steps.pop()!
  const isShared = steps.length > 0
  const folder = isShared
    ? await madeInPlace(`example-${name}`, async (path) => {
        copy(source, path)
        await succeeded(run(steps.join(' && '), path, { PATH, NODE_ENV: 'production' }))
      })
    : mkdtempSync(join(tmpdir(), `untorn-${name}-`))
  if (!isShared) copy(source, folder)
  // Not every framework tells which one it was given.
  const port = await freePort()
  const NODE_ENV = script === 'dev' ? 'development' : 'production'
  const child = run(serves, folder, { ...environment, PATH, NODE_ENV, PORT: String(port) })
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk))
  const address = `http://127.0.0.1:${port}`
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      // All at once: a server that outlived its shell would write into the folder that is removed.
      process.kill(-child.pid!, 'SIGKILL')
      await ended
    }
    if (!isShared) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await answering(address, child)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    address,
    folder,
    printed: () => Buffer.concat(output).toString(),
    end: () => void process.kill(-child.pid!, 'SIGTERM'),
    stop,
  }
}

/**
 * The folder of an example that is built there as its `npm start` does it, changed before. Who asks for it removes it. Rejects where the
 * build fails.
 */
export async function buildExample(name: string, change: (folder: string) => void): Promise<string> {
  const { source, scripts, PATH } = exampleOf(name)
  const folder = mkdtempSync(join(tmpdir(), `untorn-${name}-`))
  try {
    copy(source, folder)
    change(folder)
    const [build] = scripts.start!.split(' && ')
    await succeeded(run(build!, folder, { PATH, NODE_ENV: 'production' }))
    return folder
  } catch (error) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    throw error
  }
}

function exampleOf(name: string): { source: string; scripts: Record<string, string>; PATH: string } {
  const source = join(EXAMPLES, name)
  const { scripts, engines } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
    engines?: { node: string }
  }
  return { source, scripts, PATH: [...newerNode(engines?.node), process.env.PATH].join(delimiter) }
}

function copy(source: string, folder: string): void {
  cpSync(source, folder, { recursive: true, filter: (path) => !MADE.includes(basename(path)) })
  install(source, folder)
}

/** A line of its scripts, as npm would run it. What it complains of belongs into the report of the tests. */
function run(line: string, folder: string, { PATH, ...env }: Record<string, string>): ExampleProcess {
  const child = spawn(line, {
    shell: true,
    // A group of its own, so that what the shell starts ends with it.
    detached: true,
    cwd: folder,
    env: {
      ...process.env,
      PATH: [join(folder, 'node_modules', '.bin'), PATH].join(delimiter),
      ...env,
      NODE_OPTIONS: ON_NODE_20,
      NEXT_TELEMETRY_DISABLED: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.pipe(process.stderr, { end: false })
  return child
}

async function succeeded(build: ExampleProcess): Promise<void> {
  const printed: Buffer[] = []
  build.stdout.on('data', (chunk: Buffer) => printed.push(chunk))
  const [code] = await once(build, 'close')
  if (code !== 0) throw new Error(`The example could not be built (${code}):\n${Buffer.concat(printed)}`)
}

/** What is installed for the example, in its copy too. */
function install(source: string, folder: string): void {
  const [from, to] = [source, folder].map((each) => join(each, 'node_modules')) as [string, string]
  if (lstatSync(join(from, 'untorn')).isSymbolicLink()) {
    symlinkSync(from, to)
    return
  }
  // What bundles an application follows no link out of its folder, so the package is there as others install it.
  try {
    execFileSync('cp', ['-al', from, to], { stdio: 'ignore' })
  } catch {
    // Another file system has no link to it.
    cpSync(from, to, { recursive: true, verbatimSymlinks: true })
  }
  const untorn = join(to, 'untorn')
  rmSync(untorn, { recursive: true })
  for (const part of ['package.json', 'dist'])
    cpSync(join(ROOT, part), join(untorn, part), { recursive: true })
}

/** Where there is a Node.js for an example whose framework runs on none as old as this one. */
function newerNode(wanted = '>=0.0'): string[] {
  const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(wanted)!.map(Number)
  const [ours, itsMinor] = process.versions.node.split('.').map(Number)
  if (ours! > major! || (ours === major && itsMinor! >= minor!)) return []
  const folder = fileURLToPath(
    new URL('../runtimes/binaries/node_modules/node-24-linux-x64/bin', import.meta.url),
  )
  if (existsSync(folder)) return [folder]
  throw new Error(
    `It needs Node.js ${wanted}: npm --prefix test/runtimes/binaries ci, or run the tests by such a one.`,
  )
}

/** Asked, and not read from what it prints: some print their address before they listen. */
async function answering(address: string, child: ExampleProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(address).catch(() => undefined)
    if (answer?.ok) return
    await delay(50)
  }
  throw new Error(`The example ended (${child.exitCode ?? child.signalCode}) before it answered.`)
}
