import { spawnSync } from 'node:child_process'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { beforeEach, describe, expect, test } from 'vitest'
import { sessionKey } from '../../../src/contract/key.ts'
import type { SessionSource } from '../../../src/contract/source.ts'
import { djangoFiles, phpFiles, type SourceOptions, sessionFileStore } from '../../../src/formats.ts'
import { defaults } from '../../../src/sessions/options.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { byId, dataOf, listed } from './listed.ts'

const LIMIT = 128 * 1024
const GIGABYTE = 2 ** 30

let path: string
beforeEach(() => {
  path = temporaryDirectory()
})

/** A format, and how one writes what should not be. */
interface Format {
  name: string
  open(options?: SourceOptions): SessionSource
  fileOf(id: string): string
  /** A session with one value, whose JSON this is. */
  text(json: string, name?: string): string | Buffer
}

const now = Date.now()

const signed = (body: Buffer, isCompressed: boolean): string => {
  const key = createHash('sha256').update('django.contrib.sessions.SessionStoresignerkey').digest()
  const text = `${isCompressed ? '.' : ''}${body.toString('base64url')}:1abcde`
  return `${text}:${createHmac('sha256', key).update(text).digest('base64url')}`
}

const asObject = (json: string, name: string): string => `{${JSON.stringify(name)}:${json}}`

const IN_JSON: Format[] = [
  {
    name: 'session-file-store',
    open: (options) => sessionFileStore(path, options),
    fileOf: (id) => `${id}.json`,
    text: (json, name = 'n') => `{"__lastAccess":${now},${asObject(json, name).slice(1)}`,
  },
  {
    name: 'Django',
    open: (options) => djangoFiles(path, { secretKey: 'key', ...options }),
    fileOf: (id) => `sessionid${id}`,
    text: (json, name = 'n') => signed(deflateSync(asObject(json, name)), true),
  },
]

const PHP: Format = {
  name: 'PHP',
  open: (options) => phpFiles(path, { handler: 'php_serialize', ...options }),
  fileOf: (id) => `sess_${id}`,
  text: (json, name = 'n') => {
    const value = serialised(JSON.parse(json))
    return `a:1:{s:${Buffer.byteLength(name)}:"${name}";${value}}`
  },
}

function serialised(value: unknown): string {
  if (typeof value === 'string') return `s:${Buffer.byteLength(value)}:"${value}";`
  if (typeof value === 'number') return `d:${value};`
  const entries = Object.entries(value as object).map(([name, each]) => serialised(name) + serialised(each))
  return `a:${entries.length}:{${entries.join('')}}`
}

const ID = 'abcdefghijklmnopqrstuvwxyz012345'
const GOOD = 'good0efghijklmnopqrstuvwxyz01234'

describe.each([...IN_JSON, PHP])('of $name', (format) => {
  const { open, fileOf, text } = format
  const put = (content: string | Buffer, id = ID) => writeFileSync(join(path, fileOf(id)), content)

  beforeEach(() => put(text('"here"'), GOOD))

  /** It is none, is told of by a load and by a listing, without an id; and nothing else is affected. */
  async function refused(why: RegExp, id = ID): Promise<void> {
    const told: string[] = []
    const source = open({ onUnreadable: ({ message }) => void told.push(message) })
    expect(await byId(source, id)).toBeUndefined()
    const { records, unreadable } = await listed(source)
    expect([...records.keys()]).toEqual([sessionKey(GOOD)])
    expect(unreadable).toEqual([expect.stringMatching(why)])
    expect(told).toEqual(unreadable)
    expect(unreadable.join()).not.toContain(id)
    expect(unreadable.join()).toContain(sessionKey(id).slice(0, 8))
    expect(dataOf(await byId(source, GOOD))).toEqual({ n: 'here' })
  }

  test('a file of a gigabyte is not read', async () => {
    put(text('1'))
    truncateSync(join(path, fileOf(ID)), GIGABYTE)
    const before = process.memoryUsage().rss
    await refused(/more than 131072 bytes/)
    expect(process.memoryUsage().rss - before).toBeLessThan(GIGABYTE / 4)
  })

  test('nor is what is larger than a session may be', async () => {
    put(text(JSON.stringify('x'.repeat(LIMIT - 40 * 1024))))
    expect(await byId(open(), ID)).toBeDefined()
    put(text(JSON.stringify('x'.repeat(LIMIT))))
    await refused(/more than 131072 bytes/)
    expect(await byId(open({ maxBytes: 2 * LIMIT }), ID)).toBeDefined()
  })

  test('a link is not followed', async () => {
    writeFileSync(join(path, 'elsewhere'), text('1'))
    symlinkSync(join(path, 'elsewhere'), join(path, fileOf(ID)))
    await refused(/it is a link/)
  })

  test('nor one to itself, a directory or a pipe', async () => {
    symlinkSync(fileOf(ID), join(path, fileOf(ID)))
    await refused(/it is a link/)
    mkdirSync(join(path, fileOf(ID.replace('a', '0'))))
    spawnSync('mkfifo', [join(path, fileOf(ID.replace('a', '1')))])
    const { records, unreadable } = await listed(open())
    expect([records.size, unreadable.length]).toEqual([1, 3])
  })

  test('noise is none, nor what was cut off', async () => {
    const whole = Buffer.from(text('{"a":"b"}'))
    for (const content of [
      randomBytes(500),
      randomBytes(64 * 1024),
      Buffer.alloc(100),
      whole.subarray(0, -1),
    ]) {
      put(content)
      await refused(/can't be read/)
    }
  })

  test.each([
    ['deeply nested', `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`, /nested|not JSON/],
    ['a value for the prototype of an object', '{"__proto__":{"isAdmin":1}}', /__proto__/],
    ['the same further in', '{"a":{"b":{"__proto__":"x"}}}', /__proto__/],
  ])('%s', async (_, json, why) => {
    put(text(json))
    await refused(why)
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined()
  })

  test.each([
    ['__proto__', /__proto__/],
    ['untorn:sign-in', /untorn keeps for itself/],
    ['untorn:anything', /untorn keeps for itself/],
  ])('a value named %s', async (name, why) => {
    put(text('"x"', name))
    await refused(why)
  })

  test.each([
    '../x',
    '..',
    '.',
    '',
    '/etc/passwd',
    'a/b',
    'a\\b',
    '*',
    '?',
    'a\0b',
    `${ID}\0`,
    'x'.repeat(5000),
    '\ud800',
    ' ',
  ])('no path comes of an id like %j', async (id) => {
    mkdirSync(join(path, 'inside'))
    const source = open({ onUnreadable: () => expect.unreachable() })
    expect(await byId(source, id)).toBeUndefined()
  })

  test('a file that has the name of no session is told of', async () => {
    writeFileSync(join(path, fileOf(' a b ')), text('1'))
    const { records, unreadable } = await listed(open())
    expect([records.size, unreadable]).toEqual([1, [expect.stringContaining('no session id')]])
  })

  test.skipIf(process.getuid?.() === 0)('one without the right to read it is told of', async () => {
    put(text('1'))
    chmodSync(join(path, fileOf(ID)), 0)
    expect((await listed(open())).unreadable).toEqual([expect.stringContaining('no right')])
    expect(() => byId(open(), ID)).toThrow('EACCES')
  })

  test('hundreds of them leave the event loop its turns', async () => {
    for (let n = 0; n < 300; n++) put(text('1'), ID.slice(5) + n.toString(36).padStart(5, '0'))
    let turns = 0
    const counting = setInterval(() => turns++, 1)
    expect((await listed(open())).records.size).toBe(301)
    clearInterval(counting)
    expect(turns).toBeGreaterThan(1)
    expect(readdirSync(path).length).toBe(301)
  })
})

describe.each(IN_JSON)('in the JSON of $name', ({ open, fileOf, text }) => {
  const put = (content: string | Buffer) => writeFileSync(join(path, fileOf(ID)), content)

  test.each([
    ['a number that is none', '1e999', /number in it is too large/],
    ['a hundred thousand brackets', '['.repeat(100_000), /not JSON/],
    ['and closed again', '['.repeat(60_000) + ']'.repeat(60_000), /nested|not JSON/],
    ['a list in the place of the session', '', /no object|not JSON|signed/],
  ])('%s', async (_, json, why) => {
    put(json === '' ? '[]' : text(json))
    const { records, unreadable } = await listed(open())
    expect([records.size, unreadable]).toEqual([0, [expect.stringMatching(why)]])
  })

  test('halves of characters stay what they are', async () => {
    put(text('"\\ud800"', '\udfff'))
    expect(dataOf(await byId(open(), ID))).toEqual({ '\udfff': '\ud800' })
  })
})

test.each([['1e999'], ['"yesterday"'], ['-1'], ['8640000000000001'], ['null']])(
  'a last use of %s is no time',
  async (time) => {
    writeFileSync(join(path, `${ID}.json`), `{"__lastAccess":${time},"cookie":{"originalMaxAge":1e20}}`)
    const { records, unreadable } = await listed(sessionFileStore(path))
    expect([records.size, unreadable.length]).toEqual([0, 1])
  },
)

test.each([
  '{"cookie":1}',
  '{"cookie":[]}',
  '{"cookie":{"expires":"x"}}',
  '{"cookie":{"originalMaxAge":1e400}}',
])('a cookie like %s is none', async (json) => {
  writeFileSync(join(path, `${ID}.json`), `{"__lastAccess":${now},${json.slice(1)}`)
  const { records, unreadable } = await listed(sessionFileStore(path))
  const cookies = [...records.values()].map(({ values }) => values.get('untorn:cookie'))
  expect([cookies.join() === '{}' ? 1 : 0, unreadable.length].sort()).toEqual([0, 1])
})

test('what is not of a cookie is left out of it', async () => {
  const cookie =
    '{"originalMaxAge":60000,"expires":null,"path":7,"__proto__":{"x":1},"secure":"auto","evil":"x","domain":null}'
  writeFileSync(join(path, `${ID}.json`), `{"__lastAccess":${now},"cookie":${cookie}}`)
  const record = await byId(sessionFileStore(path), ID)
  expect(record?.values.get('untorn:cookie')).toBe('{"originalMaxAge":60000,"secure":"auto"}')
})

test('a zip bomb is not inflated', async () => {
  writeFileSync(join(path, `sessionid${ID}`), signed(deflateSync(Buffer.alloc(64 * 1024 * 1024, ' ')), true))
  const before = process.memoryUsage().rss
  const { records, unreadable } = await listed(djangoFiles(path, { secretKey: 'key' }))
  expect([records.size, unreadable]).toEqual([0, [expect.stringContaining('more than 131072 bytes')]])
  expect(process.memoryUsage().rss - before).toBeLessThan(40 * 1024 * 1024)
})

test('the limit is that of createSessions', () => {
  expect(defaults.maxBytes).toBe(LIMIT)
})
