import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { sessionKey } from '../../src/contract/key.ts'
import { fileStore } from '../../src/file.ts'
import { locationOf } from '../../src/tools/cli/location.ts'
import { pgPool } from '../stores/postgres/drivers.ts'
import { connect } from '../stores/redis/on-redis.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { run } from './in-process.ts'
import { contentsOf } from './sessions.ts'

const golden = (path: string) =>
  JSON.parse(readFileSync(new URL(`../stores/foreign/golden/${path}`, import.meta.url), 'utf8'))

let source: string
let target: string
beforeEach(() => {
  source = temporaryDirectory()
  target = join(temporaryDirectory(), 'to')
})

function write(id: string, values: object, ttl = 3_600_000): void {
  const used = Date.now()
  writeFileSync(
    join(source, `${id}.json`),
    JSON.stringify({ cookie: { originalMaxAge: ttl }, ...values, __lastAccess: used }),
  )
}

async function copied(): Promise<Map<string, Record<string, string>>> {
  const store = fileStore(target, { sweepEvery: 0 })
  const contents = await contentsOf(store)
  await store.close()
  return new Map([...contents].map(([key, { values }]) => [key, Object.fromEntries(values)]))
}

const copy = (from: string, more: string[] = [], around = {}) =>
  run(['copy', '--from', from, '--to', `file:${target}`, ...more], around)

describe('untorn copy, from session-file-store', () => {
  test('takes every session, says what it left out and why, and finds them the next time', async () => {
    for (let n = 0; n < 30; n++) write(`id-${n}`, { n })
    write('large', { text: 'x'.repeat(128 * 1024) })
    write('over', {}, -1)
    writeFileSync(join(source, 'broken.json'), '{')
    writeFileSync(join(source, 'of nobody.json'), '{}')
    writeFileSync(join(source, 'readme.txt'), 'x')
    const from = `session-file-store:${source}`
    const first = await copy(from)
    expect(first.stdout).toContain(`31 sessions came from ${from} to file:${target}`)
    expect(first.stdout).toContain('3 LEFT OUT, as')
    expect(first.stdout).toMatch(/more than 131072 bytes/)
    expect(first.stdout).toMatch(/not JSON/)
    expect(first.stdout).toMatch(/no session id/)
    expect(first.stdout).toContain('Compared: 31. 31 the same.')
    expect(first.code).toBe(1)
    expect((await copied()).get(sessionKey('id-7'))).toMatchObject({ n: '7' })
    const second = await copy(from)
    expect(second.stdout).toContain('31 there already')
    expect(second.stdout + first.stdout).not.toMatch(/id-7|broken|large|of nobody/)
  })

  test('shows how far it is', async () => {
    for (let n = 0; n < 30; n++) write(`id-${n}`, { n })
    const { stderr, code } = await copy(`session-file-store:${source}`, [], { columns: 80 })
    expect(stderr).toMatch(/Copying.*30/s)
    expect(code).toBe(0)
  })

  test('by other options, and under the keys of an application with a name', async () => {
    writeFileSync(join(source, 'one.x'), JSON.stringify({ n: 1, __lastAccess: Date.now() - 5000 }))
    const from = `session-file-store:${source}?extension=.x&ttl=3600`
    expect((await copy(from, ['--app', 'shop'])).code).toBe(0)
    expect([...(await copied()).keys()]).toEqual([sessionKey('one', 'shop')])
    expect((await copy(`session-file-store:${source}?extension=.x&ttl=1`)).stdout).toContain('0 sessions')
  })

  test('encrypted ones, by a secret of the environment or of a file', async () => {
    const require = createRequire(import.meta.url)
    const FileStore = require('session-file-store')(require('express-session'))
    const store = new FileStore({ path: source, reapInterval: -1, secret: 'hush hush', logFn() {} })
    await new Promise((resolve) => store.set('one', { cookie: {}, n: 1 }, resolve))
    const from = `session-file-store:${source}`
    const { code, stderr } = await copy(from, ['--secret', 'env:SECRET'], { env: { SECRET: 'hush hush' } })
    expect([code, stderr]).toEqual([0, expect.any(String)])
    expect([...(await copied()).values()]).toEqual([expect.objectContaining({ n: '1' })])
    writeFileSync(join(source, 'secret.txt'), 'hush hush\n')
    expect((await copy(from, ['--secret', `file:${join(source, 'secret.txt')}`])).stdout).toContain(
      '1 there already',
    )
    expect((await copy(from, ['--secret', 'env:SECRET'], { env: { SECRET: 'shh shh' } })).stdout).toContain(
      '1 LEFT OUT',
    )
    const without = await copy(from, ['--secret', 'env:SECRET'], {
      cwd: source,
      env: { SECRET: 'hush hush' },
    })
    expect(without.stderr).toContain('kruptein')
    for (const { stdout, stderr } of [without]) expect(stdout + stderr).not.toContain('hush')
  })
})

test('untorn copy takes sessions of Django along, by keys of now and before', async () => {
  for (const { id, text } of golden('django/sessions.json').sessions)
    writeFileSync(join(source, `sessionid${id}`), text)
  const env = { KEY: 'the secret key', OLD: 'an older key' }
  const secrets = ['--secret', 'env:KEY', '--secret', 'env:OLD']
  expect((await copy(`django:${source}`, secrets, { env })).code).toBe(0)
  expect((await copied()).size).toBe(7)
  const fewer = await copy(`django:${source}?cookie-age=3600`, ['--secret', 'env:KEY'], { env })
  expect(fewer.stdout).toMatch(/1 LEFT OUT.*signed with another key/s)
})

test('untorn copy takes sessions of PHP along', async () => {
  mkdirSync(join(source, 'a'))
  writeFileSync(join(source, 'a', 'sess_abcdefghijklmnopqrstuvwxyz'), 'n|i:1;')
  const { code, stdout } = await copy(`php:1;${source}?max-lifetime=600`)
  expect([code, stdout]).toEqual([0, expect.stringContaining('1 sessions came from')])
  expect([...(await copied()).values()]).toEqual([{ n: '1' }])
  utimesSync(join(source, 'a', 'sess_abcdefghijklmnopqrstuvwxyz'), 1, 1)
  expect((await copy(`php:1;${source}?handler=php_binary`)).stdout).toContain('0 sessions')
})

test('untorn move takes along what nobody has used yet, and can be called again', async () => {
  write('one', { n: 1 })
  const move = () => run(['move', '--from', `session-file-store:${source}`, '--to', `file:${target}`])
  const { code, stdout } = await move()
  expect([code, stdout]).toEqual([0, expect.stringContaining('1 moved')])
  expect(stdout).toContain('is left to be taken')
  expect((await copied()).size).toBe(1)
  expect((await move()).code).toBe(0)
  expect(readFileSync(join(source, 'one.json'), 'utf8')).toContain('"n":1')
})

describe('a command line that can not be', () => {
  test.each<[string, string[]]>([
    ['only read', ['copy', '--from', 'file:.', '--to', 'php:/tmp']],
    ['only read', ['count', '--store', 'session-file-store:.']],
    ['only read', ['clear-expired', '--store', 'connect-redis:redis://localhost']],
    ['comes a directory', ['copy', '--from', 'php:', '--to', 'file:x']],
    ['ttl and extension', ['copy', '--from', 'session-file-store:.?tll=3', '--to', 'file:x']],
    ['number of seconds', ['copy', '--from', 'session-file-store:.?ttl=1h', '--to', 'file:x']],
    ['need its SECRET_KEY', ['copy', '--from', 'django:.', '--to', 'file:x']],
    ['none of the forms', ['copy', '--from', 'connect-redis:./x', '--to', 'file:x']],
    ['the URL of its server', ['copy', '--from', 'connect-redis:postgres://host/db', '--to', 'file:x']],
    ['the URL of its server', ['copy', '--from', 'connect-pg-simple:env:IT', '--to', 'file:x']],
    ['which those of php are not', ['copy', '--from', 'php:.', '--to', 'file:x', '--secret', 'env:IT']],
    [
      'given once',
      [
        'copy',
        '--from',
        'session-file-store:.',
        '--to',
        'file:x',
        '--secret',
        'env:IT',
        '--secret',
        'env:IT',
      ],
    ],
    ['write env:<NAME>', ['copy', '--from', 'django:.', '--to', 'file:x', '--secret', 'hush-hush']],
    ['has no variable', ['copy', '--from', 'django:.', '--to', 'file:x', '--secret', 'env:NONE']],
    ['it is empty', ['copy', '--from', 'django:.', '--to', 'file:x', '--secret', 'env:EMPTY']],
    [
      "can't be read (ENOENT)",
      ['copy', '--from', 'django:.', '--to', 'file:x', '--secret', 'file:/hush-hush'],
    ],
    ['too large', ['copy', '--from', 'django:.', '--to', 'file:x', '--secret', 'file:/dev/zero']],
    ['is none of the stores', ['copy', '--from', 'file:src', '--to', 'file:x', '--app', 'shop']],
  ])('%s', async (why, args) => {
    const { code, stderr } = await run(args, { env: { IT: 'redis://me:hush-hush@host', EMPTY: '' } })
    expect(stderr).toContain(why)
    expect(stderr).not.toContain('hush-hush')
    expect(code).toBe(2)
  })

  test('names a directory that is not there', async () => {
    const { code, stderr } = await copy(`session-file-store:${join(source, 'no')}`)
    expect([code, stderr]).toEqual([1, expect.stringContaining("can't be read from")])
  })
})

test('the passwords of a server that is only read are known, to be kept out of messages', () => {
  const { secrets, label } = locationOf('connect-redis:redis://me:hush-hush@host/1?prefix=s:', {
    ...{ option: '--from', env: {}, cwd: '/' },
  })
  expect(secrets).toContain('hush-hush')
  expect(label).toBe('connect-redis:redis://host:6379/1 (prefix s:)')
})

await describeWith('untorn copy', startRedis, ({ port }) => {
  test('takes sessions of connect-redis along', async () => {
    const client = connect(port)
    await client.set('shop:one', '{"cookie":{},"n":1}', 'PX', 60_000)
    const from = `connect-redis:redis://127.0.0.1:${port}?prefix=shop:`
    const { code, stdout } = await copy(from)
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 sessions came from')])
    expect([...(await copied()).keys()]).toEqual([sessionKey('one')])
    // The same server, and not the same sessions.
    const again = await run(['copy', '--from', from, '--to', `redis://127.0.0.1:${port}`])
    expect(again.code).toBe(0)
  })
})

await describeWith('untorn copy', startPostgres, ({ url }) => {
  test('takes sessions of connect-pg-simple along', async () => {
    const pool = pgPool(url)
    await pool.query('create schema shop')
    await pool.query(
      'create table shop.visits (sid varchar primary key, sess json not null, expire timestamp(6) not null)',
    )
    await pool.query(
      `insert into shop.visits values ('one', '{"cookie":{},"n":1}', now() + interval '1 hour')`,
    )
    const from = `connect-pg-simple:${url}?table=shop.visits`
    const { code, stdout } = await copy(from)
    expect([code, stdout]).toEqual([0, expect.stringContaining('1 sessions came from')])
    expect([...(await copied()).keys()]).toEqual([sessionKey('one')])
  })
})
