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

const PROGRAM = 'redis-server'

/** A Redis on the loopback that writes nothing to the disk (`save ""`, `appendonly no`), and has its defaults else. */
export async function startRedis(options: ServerOptions = {}): Promise<Started> {
  const programs = folderWith([PROGRAM])
  if (programs === undefined) return { missing: `${PROGRAM} is not installed (Debian: redis-server)` }
  const program = join(programs, PROGRAM)
  const version = await versionOf(program)
  const folder = serverFolder('redis', options)
  const port = await freePort()
  const settings = { port: `${port}`, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'no' }
  const stop = await launch({
    program,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    folder,
    stopSignal: 'KILL',
    isReady: () => answersPing(port),
  })
  return { server: { url: `redis://127.0.0.1:${port}`, port, version, stop } }
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const answer = (ready: boolean): void => {
      socket.destroy()
      resolve(ready)
    }
    socket.on('data', (data) => answer(data.toString().startsWith('+PONG')))
    socket.on('error', () => answer(false))
    socket.on('close', () => answer(false))
  })
}
