import { execFile, execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { isInRun, madeOnce } from '../run.ts'
import {
  folderWith,
  freePort,
  launch,
  type ServerOptions,
  type Started,
  serverFolder,
  takesConnections,
  type User,
  versionOf,
} from './throw-away.ts'

const run = promisify(execFile)

/** Where Debian keeps one folder for each version. */
const DEBIAN = '/usr/lib/postgresql'

/**
 * A PostgreSQL on the loopback with the settings that initdb gives it, but for `fsync`, which is off if it is not to be
 * `durable`. Anybody on this machine may connect, as `postgres` and without a password.
 *
 * It does not run as root. For root it runs as the user `postgres`, who has to be able to reach the directory.
 */
export async function startPostgres(options: ServerOptions = {}): Promise<Started> {
  const programs = programFolder()
  if (programs === undefined) return { missing: 'PostgreSQL is not installed (Debian: postgresql)' }
  const user = await otherThanRoot()
  if (user === 'none') return { missing: 'PostgreSQL does not run as root, and there is no user "postgres"' }
  const version = await versionOf(join(programs, 'postgres'))
  const folder = serverFolder('postgres', options)
  if (user) chownSync(folder, user.uid, user.gid)
  const data = options.data ?? join(folder, 'data')
  if (options.data !== undefined && user) await run('chown', ['-R', `${user.uid}:${user.gid}`, data])
  try {
    if (!existsSync(join(data, 'PG_VERSION'))) await initialise(join(programs, 'initdb'), data, user)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  const port = await freePort()
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=']
  if (!options.durable) settings.push('fsync=off')
  if (options.connections !== undefined) settings.push(`max_connections=${options.connections}`)
  const running = await launch({
    program: join(programs, 'postgres'),
    args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    folder,
    stopSignal: 'QUIT',
    user,
    // A process for each look would cost more than the server.
    isReady: async () => (await takesConnections(port)) && accepts(join(programs, 'pg_isready'), port),
  })
  return { server: { url: `postgres://postgres@127.0.0.1:${port}/postgres`, port, version, ...running } }
}

/**
 * In a run of the tests `initdb` works once, and what it has made is copied: that takes a third of the time, and less with
 * the shortest log that there is.
 */
async function initialise(initdb: string, data: string, user: User | undefined): Promise<void> {
  const chosen = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync']
  const as = { cwd: '/', ...user }
  if (!isInRun()) return void (await run(initdb, [...chosen, '-D', data], as))
  const first = madeOnce('postgres', (path) => {
    mkdirSync(path)
    if (user) chownSync(path, user.uid, user.gid)
    execFileSync(initdb, [...chosen, '--wal-segsize=1', '-D', path], { ...as, stdio: 'pipe' })
  })
  await run('cp', ['-Rp', `${first}/.`, data], as)
}

/** That of PATH, or else the newest. */
function programFolder(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const found = folderWith(
    ['initdb', 'postgres', 'pg_isready'],
    versions.map((version) => join(DEBIAN, version, 'bin')),
  )
  return found ?? behindLink()
}

/** Some distributions link `initdb` alone into PATH. */
function behindLink(): string | undefined {
  const linked = folderWith(['initdb'])
  return linked && dirname(realpathSync(join(linked, 'initdb')))
}

async function otherThanRoot(): Promise<User | 'none' | undefined> {
  if (process.getuid?.() !== 0) return undefined
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((what) => run('id', [what, 'postgres'])))
    return { uid: Number(uid!.stdout), gid: Number(gid!.stdout) }
  } catch {
    return 'none'
  }
}

async function accepts(program: string, port: number): Promise<boolean> {
  try {
    await run(program, ['-h', '127.0.0.1', '-p', `${port}`])
    return true
  } catch {
    return false
  }
}
