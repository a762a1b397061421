import { connect } from 'node:net'
import { join } from 'node:path'
import {
  folderWith,
  freePort,
  launch,
  type ServerOptions,
  type Started,
  serverFolder,
  versionOf,
} from './throw-away.ts'

export interface RedisServerOptions extends ServerOptions {
  /** Of the configuration file, by name. */
  settings?: Record<string, string>
  /** `redis-server --sentinel` and such, in place of the settings. */
  arguments?: (folder: string, port: number) => string[]
}

/** Where programs come from. */
const DEBIAN = {
  'redis-server': 'redis-server',
  'valkey-server': 'valkey-server, from bookworm-backports on',
}

/**
 * A server of Redis or of a fork that takes the same settings, on the loopback. It writes nothing to the disk; with the
 * option `data` it has written each change there before it answers.
 */
export async function startServer(
  program: keyof typeof DEBIAN,
  options: RedisServerOptions = {},
): Promise<Started> {
  const programs = folderWith([program])
  if (programs === undefined) return { missing: `${program} is not installed (Debian: ${DEBIAN[program]})` }
  const path = join(programs, program)
  const version = await versionOf(path)
  const folder = serverFolder(program, options)
  const port = await freePort()
  const running = await launch({
    program: path,
    args: options.arguments?.(folder, port) ?? settingsOf(folder, port, options),
    folder,
    stopSignal: 'KILL',
    isReady: () => answersPing(port),
  })
  return { server: { url: `redis://127.0.0.1:${port}`, port, version, ...running } }
}

function settingsOf(folder: string, port: number, { data, settings }: RedisServerOptions): string[] {
  const kept = data === undefined ? { appendonly: 'no' } : { appendonly: 'yes', appendfsync: 'always' }
  // A replica that comes is not made to wait for others that may come too.
  const alone = { port: `${port}`, bind: '127.0.0.1', 'repl-diskless-sync-delay': '0' }
  const all = { ...alone, dir: data ?? folder, save: '', ...kept, ...settings }
  return Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const answer = (ready: boolean): void => {
      socket.destroy()
      resolve(ready)
    }
    // One with a password answers too.
    socket.on('data', (data) => answer(/^(\+PONG|-NOAUTH)/.test(data.toString())))
    socket.on('error', () => answer(false))
    socket.on('close', () => answer(false))
  })
}
