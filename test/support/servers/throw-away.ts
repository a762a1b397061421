import { execFile, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { isFirstToClaim } from '../run.ts'

/** A server on a port of its own, with nothing in it, that keeps nothing. */
export interface ThrowAwayServer {
  readonly url: string
  readonly port: number
  readonly version: string
  /** The server's own process: to be stopped, continued or killed by a test. */
  readonly pid: number
  /** Ends it and removes its files. It ends by itself when the process that started it does, however that ends. */
  stop(): Promise<void>
}

/** Where the program is missing, the reason and how to get it. */
export type Started<Server = ThrowAwayServer> =
  | { server: Server; missing?: never }
  | { server?: never; missing: string }

export interface ServerOptions {
  /** Where its files go, in a folder of their own. Default: the system's folder for temporary files. */
  directory?: string
  /** A folder of the test's for the server's data, which stays when it ends: the next one that gets it goes on from there. */
  data?: string
  /**
   * PostgreSQL: whether a commit waits for the disk, as in operation. Default: no. Nothing in a test takes the machine's
   * power away, and a disk that all tests share can keep a commit waiting for longer than a deadline.
   */
  durable?: boolean
  /** PostgreSQL: how many connections it takes. Default: its own, 100. */
  connections?: number
}

/** Whose rights a program runs with. */
export interface User {
  uid: number
  gid: number
}

interface Launch {
  program: string
  args: readonly string[]
  /** A folder of its own, removed in the end. */
  folder: string
  /** Tells it to end at once: nothing of it is kept. */
  stopSignal: string
  user?: User | undefined
  isReady(): Promise<boolean>
}

/**
 * The server's parent, and whoever starts it holds the other end of its standard input: the system closes that when the
 * starter ends, by an exception or a kill too. A handler in the starter would not be called then. The end of the server's
 * log is the last that it says.
 */
const KEEPER = `
folder=$1 signal=$2; shift 2
exec 3<&0
"$@" </dev/null >"$folder/log" 2>&1 3<&- &
server=$!
echo $server >"$folder/pid"
{ read -r _ <&3; kill -s "$signal" $server; kill -s CONT $server; } >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait $server
kill $watch 2>/dev/null
tail -c 500 "$folder/log" 2>/dev/null
rm -rf "$folder"
`

const START_MS = 90_000

/** Starts a server and waits until it answers. Throws, with the end of its log, if it does not. */
export async function launch(launching: Launch): Promise<Pick<ThrowAwayServer, 'pid' | 'stop'>> {
  const { program, args, folder, stopSignal, user, isReady } = launching
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', folder, stopSignal, program, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd: '/',
    // In a session of its own: Ctrl-C is for the starter, and what follows from it is the keeper's to do.
    detached: true,
    ...user,
  })
  const ended = once(keeper, 'close')
  keeper.unref()
  let log = ''
  keeper.stdout.setEncoding('utf8').on('data', (text) => {
    log += text
  })
  const { stdout } = keeper as { stdout: Readable & { unref?(): void } }
  stdout.unref?.()
  const stop = async (): Promise<void> => {
    keeper.stdin.destroy()
    keeper.ref()
    await ended
    // A keeper with fewer rights empties the folder, and can't remove it.
    rmSync(folder, { recursive: true, force: true })
  }
  const end = performance.now() + START_MS
  while (!(await isReady())) {
    if (keeper.exitCode === null && performance.now() < end) await delay(20)
    else {
      await stop()
      throw new Error(`${program} did not start. ${log.trim()}`)
    }
  }
  return { pid: Number(readFileSync(join(folder, 'pid'), 'utf8')), stop }
}

/** A folder for one server. */
export function serverFolder(name: string, { directory = tmpdir() }: ServerOptions): string {
  return mkdtempSync(join(directory, `${name}-`))
}

/**
 * A port of 127.0.0.1 that is free, and that nobody else in this run is given. It is none of those that a system gives to
 * connections by itself (from 32768 on with Linux): of the thousands that tests make, one would have it before the server does.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768)
    if (!isFirstToClaim(`port-${port}`)) continue
    const probe = createServer().listen(port, '127.0.0.1')
    try {
      await once(probe, 'listening')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue
      throw error
    }
    probe.close()
    await once(probe, 'close')
    return port
  }
}

/** Whether something takes connections there, which says less than that it answers. */
export function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** The first of the folders in PATH, and of some more, that has all of the programs. */
export function folderWith(programs: readonly string[], more: readonly string[] = []): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...more]
  return folders.find((folder) => folder !== '' && programs.every((name) => existsSync(join(folder, name))))
}

/** What a program says of its version: the first number with a point. */
export async function versionOf(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(program, ['--version'])
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? stdout.trim()
}
