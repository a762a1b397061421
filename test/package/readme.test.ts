import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { fileStore } from '../../src/file.ts'
import { createSessions } from '../../src/index.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { inWhole, whole } from '../support/whole.ts'

/** That it counts is seen in the short run where connections break. */
const testInWhole = whole ? test : () => {}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

/** The code blocks of a language, in their order. */
function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, code]) => code!,
  )
}

const [counter, shop, node, upgrade, core, users, redis, postgres] = blocks('js') as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
]

/** A reader's project, with the package and express installed. */
let project: string

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'untorn-readme-'))
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(ROOT, join(project, 'node_modules', 'untorn'))
  for (const name of ['express', 'express4', '@types', 'typescript', 'redis', 'pg']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name))
  }
  // Port 3000 of the block may be taken here: it listens to a free one, and says which.
  const preload = `
    import { Server } from 'node:net'
    const { listen } = Server.prototype
    Server.prototype.listen = function (port) {
      return listen.call(this, 0, '127.0.0.1', () => console.log('listening', this.address().port))
    }`
  writeFileSync(join(project, 'any-port.mjs'), preload)
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

interface Surroundings {
  before?: string[]
  /** What it says on its standard error is for the test. Default: for whoever runs the tests. */
  errors?: 'pipe'
  env?: Record<string, string>
  /** Where it is started. Default: {@link project}. */
  cwd?: string
}

type Started = ChildProcessByStdio<null, Readable, Readable | null>

function start(name: string, code: string, surroundings: Surroundings = {}): Started {
  const { before = [], env = {}, errors, cwd = project } = surroundings
  writeFileSync(join(project, name), code)
  const child = spawn(process.execPath, [...before, join(project, name)], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', errors ?? 'inherit'],
  }) as Started
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Runs a block that listens, and gives what asks it for pages as one browser would. */
async function serve(name: string, code: string, env?: Record<string, string>) {
  const child = start(name, code, { before: ['--import', './any-port.mjs'], ...(env && { env }) })
  return browse(child)
}

async function browse(child: Started) {
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  let cookie = ''
  return async (path: string, form?: Record<string, string>): Promise<string> => {
    const post = form && { method: 'POST', body: new URLSearchParams(form) }
    const url = `http://127.0.0.1:${line.replace('listening ', '')}${path}`
    const response = await fetch(url, { ...post, headers: { cookie }, redirect: 'manual' })
    const [set] = response.headers.getSetCookie()
    if (set) cookie = set.split(';')[0]!
    const { status } = response
    if (status === 302) return visitNext(response)
    expect(status).toBe(200)
    return response.text()

    async function visitNext(redirect: Response): Promise<string> {
      const next = new URL(redirect.headers.get('location')!, url)
      return (await fetch(next, { headers: { cookie } })).text()
    }
  }
}

/** The first block, with the store of another one in place of the files. */
function counterWith(code: string): string {
  return counter.replace(/^app\.use\(sessions\(\)\).*$/m, code)
}

/** The application of a block whose server then breaks every connection, with the block's listener or without. */
async function afterBrokenConnections(
  code: string,
  env: Record<string, string>,
  breakAll: () => Promise<void>,
) {
  const child = start('broken.mjs', code, {
    before: ['--import', './any-port.mjs'],
    env,
    errors: 'pipe',
  }) as ChildProcessByStdio<null, Readable, Readable>
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  const ended = once(child, 'exit').then(([exitCode]) => exitCode as number)
  const visit = await browse(child)
  expect(await visit('/')).toBe('1 views')
  const saidAtStart = said
  await breakAll()
  return { visit, saidAtStart, ended, said: () => said }
}

const LISTENER = /^(client|pool)\.on\('error'.*$/m
const WARNED = 'UNTORN_NO_ERROR_LISTENER'

await describeWith('the code in the README', startRedis, ({ url }) => {
  testInWhole('counts on Redis', async () => {
    const visit = await serve('redis.mjs', counterWith(redis), { REDIS_URL: url })
    expect(await visit('/')).toBe('1 views')
    expect(await visit('/')).toBe('2 views')
  })

  const breakAll = async () => {
    const client = createClient({ url })
    client.on('error', () => {})
    await client.connect()
    await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
    client.destroy()
  }

  test('goes on when Redis ends an idle connection', async () => {
    const { visit, saidAtStart, said } = await afterBrokenConnections(
      counterWith(redis),
      { REDIS_URL: url },
      breakAll,
    )
    await expect.poll(said).toMatch(/closed unexpectedly/)
    expect(await visit('/')).toBe('2 views')
    expect(saidAtStart).not.toContain(WARNED)
  })

  test('without its listener is warned of at the start, before Redis ends the process with a connection', async () => {
    const code = counterWith(redis.replace(LISTENER, ''))
    const { saidAtStart, ended } = await afterBrokenConnections(code, { REDIS_URL: url }, breakAll)
    expect(saidAtStart).toContain(WARNED)
    expect(saidAtStart).toContain("client.on('error', ")
    expect(await ended).toBe(1)
  })
})

await describeWith('the code in the README', startPostgres, ({ port, url }) => {
  const env = { PGHOST: '127.0.0.1', PGPORT: `${port}`, PGUSER: 'postgres', PGDATABASE: 'postgres' }
  const breakAll = async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const others = 'pid <> pg_backend_pid() and backend_type = $1'
    await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${others}`, [
      'client backend',
    ])
    await client.end()
  }

  test('goes on when PostgreSQL ends an idle connection', async () => {
    const { visit, saidAtStart, said } = await afterBrokenConnections(counterWith(postgres), env, breakAll)
    await expect.poll(said).toMatch(/terminating connection/)
    expect(await visit('/')).toBe('2 views')
    expect(saidAtStart).not.toContain(WARNED)
  })

  test('without its listener is warned of at the start, before PostgreSQL ends the process with a connection', async () => {
    const code = counterWith(postgres.replace(LISTENER, ''))
    const { saidAtStart, ended } = await afterBrokenConnections(code, env, breakAll)
    expect(saidAtStart).toContain(WARNED)
    expect(saidAtStart).toContain("pool.on('error', ")
    expect(await ended).toBe(1)
  })

  testInWhole('counts on PostgreSQL', async () => {
    const visit = await serve('postgres.mjs', counterWith(postgres), env)
    expect(await visit('/')).toBe('1 views')
    expect(await visit('/')).toBe('2 views')
  })
})

describe('the code in the README', () => {
  test('all of it is run here', () => {
    expect(blocks('js').length).toBe(8)
    expect(blocks('ts').length).toBe(1)
  })

  test('counts a visitor’s views with the first ten lines', async () => {
    expect(
      counter
        .trim()
        .split('\n')
        .filter((line) => line !== '').length,
    ).toBeLessThanOrEqual(10)
    const visit = await serve('counter.mjs', counter)
    expect(await visit('/')).toBe('1 views')
    expect(await visit('/')).toBe('2 views')
  })

  test('signs in with a notice that is shown once, counts, and signs out', async () => {
    const visit = await serve('shop.mjs', shop)
    expect(await visit('/')).toBe(' Hello stranger, view 1')
    expect(await visit('/login', { name: 'Ada' })).toBe('Welcome! Hello Ada, view 2')
    expect(await visit('/')).toBe(' Hello Ada, view 3')
    expect(await visit('/logout', {})).toBe(' Hello stranger, view 1')
  })

  test('shows who has signed in their devices, ends one, and asks for a fresh sign-in', async () => {
    const code = shop
      .replace('app.listen(3000)', `${users}\napp.listen(3000)`)
      .replace("'.sessions'", "'users'")
    const visit = await serve('users.mjs', code)
    await expect(visit('/password', {})).rejects.toThrow('401')
    await visit('/login', { name: 'Ada' })
    const [device, ...others] = JSON.parse(await visit('/password', {}))
    expect([device.current, others]).toEqual([true, []])
    expect(await visit('/devices/unknown/end', {})).toBe('false')
    expect(await visit(`/devices/${device.handle}/end`, {})).toBe('true')
    expect(await visit('/devices')).toBe('[]')
  })

  test('shows a name as text, whatever it is', async () => {
    const visit = await serve('hostile.mjs', shop)
    const page = await visit('/login', { name: '<img src=x onerror="alert(1)">&\'' })
    expect(page).toBe('Welcome! Hello &#60;img src=x onerror=&#34;alert(1)&#34;&#62;&#38;&#39;, view 1')
    expect(await visit('/login', {})).toContain('Hello undefined')
  })

  test('puts its sessions beside the program, wherever it was started', async () => {
    const elsewhere = join(project, 'elsewhere')
    mkdirSync(elsewhere, { recursive: true })
    const before = ['--import', join(project, 'any-port.mjs')]
    const code = shop.replace("'.sessions'", "'placed'")
    const visit = await browse(start('placed.mjs', code, { before, cwd: elsewhere }))
    await visit('/')
    expect(existsSync(join(project, 'placed'))).toBe(true)
    expect(readdirSync(elsewhere)).toEqual([])
  })

  test.each(inWhole(['express', 'express4'], ['express']))(
    'with %s: a store that fails costs the answer, not the process',
    async (name) => {
      const folder = `sessions-of-${name}`
      const code = shop.replace("'.sessions'", `'${folder}'`).replace("from 'express'", `from '${name}'`)
      const before = ['--import', './any-port.mjs']
      const child = start(`failing-${name}.mjs`, code, { before, errors: 'pipe' })
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
      const origin = `http://127.0.0.1:${line.replace('listening ', '')}`
      const body = (): URLSearchParams => new URLSearchParams({ name: 'Ada' })
      const signedIn = await fetch(`${origin}/login`, { method: 'POST', body: body(), redirect: 'manual' })
      const cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!
      // What a directory is to a store whose mount has gone.
      renameSync(join(project, folder), join(project, `${folder}-away`))
      writeFileSync(join(project, folder), 'not a directory')
      const asked = [
        fetch(`${origin}/logout`, { method: 'POST', headers: { cookie } }),
        fetch(`${origin}/login`, { method: 'POST', body: body() }),
      ]
      for (const answer of await Promise.all(asked)) expect(answer.status).toBeGreaterThanOrEqual(500)
      expect(child.exitCode).toBeNull()
      expect((await fetch(`${origin}/nothing`)).status).toBe(404)
    },
  )

  test('counts with node:http', async () => {
    const visit = await serve('node.mjs', node)
    expect(await visit('/')).toBe('1 views')
    expect(await visit('/')).toBe('2 views')
  })

  test('gives the upgrade to a WebSocket the session of who is signed in, and nobody else gets one', async () => {
    const sessions = createSessions({ store: fileStore(join(project, '.sessions')) })
    onTestFinished(async () => await sessions.close())
    const session = await sessions.open(undefined, { secure: false })
    session.set('user', 'Ada')
    const cookie = (await session.commit())!.split(';')[0]!
    const head =
      "['HTTP/1.1 101 OK', 'Connection: Upgrade', 'Upgrade: x', 'User: ' + req.session.user, '', '']"
    const accepts = `socket.end(${head}.join('\\r\\n'))`
    const code = upgrade.replace(/^ *\/\/ hand over .*$/m, accepts)
    const child = start('upgrade.mjs', code, { before: ['--import', './any-port.mjs'] })
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const asks = (headers: Record<string, string>) => {
      const port = Number(line.replace('listening ', ''))
      const request = http.request({ port, headers: { ...headers, connection: 'Upgrade', upgrade: 'x' } })
      return once(request.end(), 'upgrade') as Promise<[http.IncomingMessage]>
    }
    await expect(asks({})).rejects.toThrow('socket hang up')
    const [answer] = await asks({ cookie })
    expect(answer.headers.user).toBe('Ada')
  })

  test('prints what it says it prints', async () => {
    const child = start('core.mjs', core)
    const printed: string[] = []
    createInterface({ input: child.stdout }).on('line', (line) => printed.push(line))
    const [code] = await once(child, 'close')
    expect(code).toBe(0)
    expect(printed).toEqual([...core.matchAll(/^console\.log\(.*\) \/\/ (.*)$/gm)].map(([, said]) => said))
    expect(printed).toEqual(['Ada'])
  })

  test('types what is in a session', async () => {
    const use = `${blocks('ts')[0]}
      import express from 'express'
      import { sessions } from 'untorn/express'
      const app = express()
      app.use(sessions())
      app.get('/', (req, res) => {
        const user: string | undefined = req.session.user
        req.session.cart = { apples: 1 }
        // @ts-expect-error: not in a session
        req.session.nothing = 1
        res.send(user)
      })`
    writeFileSync(join(project, 'types.mts'), use)
    const options = [
      '--strict',
      '--noEmit',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--types',
      'node,express',
    ]
    const compiler = join(project, 'node_modules', 'typescript', 'bin', 'tsc')
    const child = spawn(process.execPath, [compiler, ...options, '--skipLibCheck', 'types.mts'], {
      cwd: project,
    })
    const printed: string[] = []
    createInterface({ input: child.stdout }).on('line', (line) => printed.push(line))
    await once(child, 'close')
    expect(printed).toEqual([])
  })
})
