import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { sessionKey } from '../../../src/contract/key.ts'
import { InvalidOptionError } from '../../../src/errors.ts'
import { type PhpFilesOptions, type PhpHandler, phpFiles } from '../../../src/formats.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { byId, dataOf, listed } from './listed.ts'

interface Sample {
  name: string
  handler: PhpHandler
  id: string
  base64: string
  values: Record<string, unknown> | unknown[] | null
}

/** What PHP itself has written. */
const { sessions }: { sessions: Sample[] } = JSON.parse(
  readFileSync(new URL('golden/php/sessions.json', import.meta.url), 'utf8'),
)

/** What of it is no plain data, and how that is told. */
const REFUSED: Record<string, RegExp> = {
  object: /an object of PHP/,
  date: /an object of PHP/,
  enum: /an object of PHP/,
  serializable: /an object of PHP/,
  reference: /a reference/,
  'not-utf8': /not UTF-8/,
  'too-large': /too large/,
  'not-a-number': /a number/,
}

const read = sessions.filter(({ name }) => !(name in REFUSED) && name !== 'nothing')
const refused = sessions.filter(({ name }) => name in REFUSED)

const ID = 'abcdefghijklmnopqrstuv,-AZ09'
const WRITTEN = Math.floor(Date.now() / 1000) * 1000 - 60_000

let path: string
beforeEach(() => {
  path = temporaryDirectory()
})

function put(id: string, bytes: string | Buffer, written = WRITTEN, within = path): void {
  writeFileSync(join(within, `sess_${id}`), bytes)
  utimesSync(join(within, `sess_${id}`), written / 1000, written / 1000)
}

const quiet: PhpFilesOptions = { onUnreadable() {} }

describe('a session of PHP', () => {
  test('is here in each handler', () => {
    expect(new Set(read.map(({ handler }) => handler)).size).toBe(3)
    expect(new Set(refused.map(({ name }) => name)).size).toBe(Object.keys(REFUSED).length)
  })

  test.each(read)('is read as $handler: $name', async ({ handler, id, base64, values }) => {
    put(id, Buffer.from(base64, 'base64'))
    const source = phpFiles(path, { handler })
    const record = await byId(source, id)
    expect(dataOf(record)).toEqual(values)
    expect(record).toMatchObject({ createdAt: WRITTEN, expiresAt: WRITTEN + 1_440_000 })
    expect([...(await listed(source)).records.keys()]).toEqual([sessionKey(id)])
  })

  test.each(refused)('is refused as $handler: $name', async ({ name, handler, id, base64 }) => {
    put(id, Buffer.from(base64, 'base64'))
    const { records, unreadable } = await listed(phpFiles(path, { handler }))
    expect([records.size, unreadable]).toEqual([0, [expect.stringMatching(REFUSED[name]!)]])
    expect(unreadable.join()).not.toContain(id)
  })

  test('is none where nothing was put into it, or where it has expired', async () => {
    put(ID, '')
    expect(await byId(phpFiles(path), ID)).toBeUndefined()
    put(ID, 'n|i:1;', Date.now() - 61_000)
    expect(await byId(phpFiles(path, { maxLifetime: 60 }), ID)).toBeUndefined()
    expect(dataOf(await byId(phpFiles(path, { maxLifetime: 120 }), ID))).toEqual({ n: 1 })
  })

  test('is found in directories within each other', async () => {
    mkdirSync(join(path, 'a', 'b'), { recursive: true })
    put(ID, 'n|i:1;', WRITTEN, join(path, 'a', 'b'))
    put(`z${ID}`, 'n|i:2;')
    for (const place of [`2;${path}`, `2;0600;${path}`]) {
      const source = phpFiles(place)
      expect(dataOf(await byId(source, ID))).toEqual({ n: 1 })
      expect([...(await listed(source)).records.keys()]).toEqual([sessionKey(ID)])
    }
    symlinkSync(join(path, 'a'), join(path, 'q'))
    put(`qb${ID}`, 'n|i:3;', WRITTEN, join(path, 'a', 'b'))
    expect(await byId(phpFiles(`2;${path}`), `qb${ID}`)).toBeUndefined()
  })
})

describe('what lies about itself is refused', () => {
  test.each([
    'n|',
    'n',
    'n|i:1',
    'n|i:x;',
    'n|i:1.5;',
    'n|b:2;',
    'n|d:0x10;',
    'n|d:1_0;',
    'n|s:5:"four";',
    'n|s:3:"four";',
    'n|s:-1:"";',
    'n|s:99999999999999999999:"x";',
    'n|s:2:"é"',
    'n|s:1:"é";',
    'n|a:2:{i:0;i:1;}',
    'n|a:0:{i:0;i:1;}',
    'n|a:4294967296:{}',
    'n|a:1:{d:1.5;i:1;}',
    'n|a:1:{N;i:1;}',
    'n|a:1:{i:0;i:1;',
    'n|a:-1:{}',
    'n|S:1:"\\61";',
    'n|O:+8:"stdClass":0:{}',
    'n|i:1;x',
    '\x00\x01\x02\x03',
  ])('%j', async (text) => {
    put(ID, text)
    const { records, unreadable } = await listed(phpFiles(path, quiet))
    expect([records.size, unreadable.length]).toEqual([0, 1])
    expect(await byId(phpFiles(path, quiet), ID)).toBeUndefined()
  })

  test('and arrays within each other as far as a file goes', async () => {
    put(ID, `n|${'a:1:{i:0;'.repeat(14_000)}`)
    const { unreadable } = await listed(phpFiles(path, quiet))
    expect(unreadable).toEqual([expect.stringContaining('nested more than')])
  })

  test('and what is left of an array at any place', async () => {
    const text = 'a:3:{s:1:"n";i:1;s:1:"l";a:2:{i:0;s:3:"abc";i:1;d:0.5;}s:1:"b";b:1;}'
    const source = phpFiles(path, { ...quiet, handler: 'php_serialize' })
    for (let length = 1; length < text.length; length++) {
      put(ID, text.slice(0, length))
      expect(await byId(source, ID), text.slice(0, length)).toBeUndefined()
    }
    put(ID, `${text}x`)
    expect(await byId(source, ID)).toBeUndefined()
    put(ID, text)
    expect(dataOf(await byId(source, ID))).toEqual({ n: 1, l: ['abc', 0.5], b: true })
  })
})

test.each<[string, string, object]>([
  ['path', '9;/var/lib/php', {}],
  ['path', '2;', {}],
  ['path', 'tcp;//a;b', {}],
  ['handler', '', { handler: 'wddx' }],
  ['maxLifetime', '', { maxLifetime: -1 }],
])('the option %s is refused: %s %j', (option, place, options) => {
  const made = () => phpFiles(place || path, options)
  expect(made).toThrow(InvalidOptionError)
  expect(made).toThrow(`\`${option}\``)
})
