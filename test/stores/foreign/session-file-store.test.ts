import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { sessionKey } from '../../../src/contract/key.ts'
import { InvalidOptionError, StoreConfigError, StoreUnavailableError } from '../../../src/errors.ts'
import { type SessionFileStoreOptions, sessionFileStore } from '../../../src/formats.ts'
import { reservedKeys } from '../../../src/values/data.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { byId, dataOf, listed } from './listed.ts'

const require = createRequire(import.meta.url)
const session = require('express-session')
const FileStore = require('session-file-store')(session)
const kruptein = createRequire(require.resolve('session-file-store'))('kruptein')

const CRYPTO = { algorithm: 'aes-256-gcm', hashing: 'sha512', use_scrypt: true }
const HOUR = 3_600_000
const ID = 'xW3Vn_-0a9bcdefghijklmnopqrstuvw'

let path: string
beforeEach(() => {
  path = temporaryDirectory()
})

/** Has session-file-store write a session. */
async function write(id: string, values: object, options: object = {}): Promise<void> {
  const store = new FileStore({ path, reapInterval: -1, logFn() {}, ...options })
  const cookie = new session.Cookie({ maxAge: HOUR, sameSite: 'lax' })
  await new Promise((resolve, reject) =>
    store.set(id, { cookie, ...values }, (error: unknown) => (error ? reject(error) : resolve(undefined))),
  )
}

function contents(): string[] {
  return readdirSync(path).map(
    (name) => `${name} ${statSync(join(path, name)).mtimeMs} ${readFileSync(join(path, name), 'latin1')}`,
  )
}

describe('a session of session-file-store', () => {
  test('is read with its values, its cookie, and when it ends', async () => {
    await write(ID, { user: 'Ada', cart: [{ n: 1 }], 'é 漢': null })
    const { __lastAccess: used } = JSON.parse(readFileSync(join(path, `${ID}.json`), 'utf8'))
    const record = await byId(sessionFileStore(path), ID)
    expect(dataOf(record)).toEqual({
      user: 'Ada',
      cart: [{ n: 1 }],
      'é 漢': null,
      [reservedKeys.cookie]: { originalMaxAge: HOUR, path: '/', httpOnly: true, sameSite: 'lax' },
    })
    expect(record).toMatchObject({ version: 0, createdAt: used, expiresAt: used + HOUR })
    expect(record).not.toHaveProperty('owner')
  })

  test('lives for the ttl, if its cookie ends with the browser', async () => {
    await write(ID, { cookie: new session.Cookie() })
    const { createdAt, expiresAt } = (await byId(sessionFileStore(path), ID))!
    expect(expiresAt - createdAt).toBe(HOUR)
    const short = (await byId(sessionFileStore(path, { ttl: 60 }), ID))!
    expect(short.expiresAt - short.createdAt).toBe(60_000)
  })

  test('is none once it has expired', async () => {
    await write(ID, {})
    const file = join(path, `${ID}.json`)
    const written = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...written, __lastAccess: Date.now() - HOUR - 1 }))
    expect(await byId(sessionFileStore(path), ID)).toBeUndefined()
    expect(await listed(sessionFileStore(path))).toEqual({ records: new Map(), unreadable: [] })
  })

  test('is listed under its key, which the application can be part of', async () => {
    const ids = ['one', 'two-2', 'three.3']
    for (const id of ids) await write(id, { id })
    for (const app of [undefined, 'shop']) {
      const source = sessionFileStore(path, app === undefined ? {} : { app })
      const { records, unreadable } = await listed(source)
      expect(unreadable).toEqual([])
      expect([...records.keys()].sort()).toEqual(ids.map((id) => sessionKey(id, app)).sort())
      for (const id of ids) expect(records.get(sessionKey(id, app))).toEqual(await byId(source, id, app))
    }
  })

  test('is found by no key alone, and by no key of another id', () => {
    const source = sessionFileStore(path)
    expect(source.load(sessionKey(ID))).toBeUndefined()
    const misuse = expect.objectContaining({ code: 'UNTORN_INVALID_ARGUMENT' })
    expect(() => source.load(sessionKey('another'), { id: ID })).toThrow(misuse)
    expect(() => source.load(ID as never, { id: ID })).toThrow(misuse)
    expect(() => byId(sessionFileStore(path, { app: 'shop' }), ID)).toThrow(misuse)
    expect(() => source.load(sessionKey(ID), { id: [ID] as never })).toThrow(misuse)
  })

  test('is left as it is, whatever is asked', async () => {
    await write(ID, { user: 'Ada' })
    writeFileSync(join(path, 'broken.json'), '{"coo')
    const before = contents()
    const source = sessionFileStore(path, { onUnreadable() {} })
    for (const id of [ID, 'broken', 'nobody']) await byId(source, id)
    await listed(source)
    await source.close()
    expect(contents()).toEqual(before)
    expect(Object.keys(source)).not.toContain('save')
    for (const verb of ['save', 'create', 'delete', 'clearExpired']) expect(source).not.toHaveProperty(verb)
  })

  test('has another ending of its name, where session-file-store was told so', async () => {
    await write(ID, { user: 'Ada' }, { fileExtension: '.session' })
    expect(await byId(sessionFileStore(path), ID)).toBeUndefined()
    const source = sessionFileStore(path, { fileExtension: '.session' })
    expect(dataOf(await byId(source, ID))).toMatchObject({ user: 'Ada' })
    expect((await listed(source)).records.size).toBe(1)
  })
})

describe('an encrypted one', () => {
  const options: SessionFileStoreOptions = { secret: 'hush', kruptein: kruptein(CRYPTO) }

  test('is read by its secret', async () => {
    await write(ID, { user: 'Ada', note: 'é 漢' }, { secret: 'hush' })
    expect(dataOf(await byId(sessionFileStore(path, options), ID))).toMatchObject({
      user: 'Ada',
      note: 'é 漢',
    })
  })

  test('leaves others their turn, as each takes a while', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f']
    for (const id of ids) await write(id, {}, { secret: 'hush' })
    let turns = 0
    const counting = setInterval(() => turns++, 1)
    expect((await listed(sessionFileStore(path, options))).records.size).toBe(ids.length)
    clearInterval(counting)
    expect(turns).toBeGreaterThanOrEqual(ids.length - 1)
  })

  test('as large as a session may be', async () => {
    await write(ID, { text: '\u0001é'.repeat(30_000 / 2) }, { secret: 'hush' })
    expect((await listed(sessionFileStore(path, options))).unreadable).toEqual([])
  })

  test.each([
    ['by another secret', { secret: 'shh', kruptein: kruptein(CRYPTO) }],
    ['by another algorithm', { secret: 'hush', kruptein: kruptein({ ...CRYPTO, algorithm: 'aes-128-gcm' }) }],
    ['not as text', {}],
  ])('is told of, and not read, %s', async (_, other) => {
    await write(ID, { user: 'Ada' }, { secret: 'hush' })
    const { records, unreadable } = await listed(sessionFileStore(path, other))
    expect(records.size).toBe(0)
    expect(unreadable).toEqual([expect.stringContaining("can't be read")])
  })

  test('that somebody has made up is no more than unreadable', async () => {
    const texts = ['null', '1', '{}', '{"ct":{}}', '{"ct":"x","salt":[],"hmac":null,"iv":7}', '[]', '"']
    for (const [n, text] of texts.entries()) writeFileSync(join(path, `f${n}.json`), text)
    const { records, unreadable } = await listed(sessionFileStore(path, options))
    expect([records.size, unreadable.length]).toEqual([0, texts.length])
  })
})

describe('what is refused', () => {
  test.each<[string, object]>([
    ['ttl', { ttl: 0 }],
    ['ttl', { ttl: '1h' }],
    ['fileExtension', { fileExtension: '/../x' }],
    ['secret', { kruptein: kruptein() }],
    ['kruptein', { secret: 'hush' }],
    ['kruptein.get', { secret: 'hush', kruptein: {} }],
    ['maxBytes', { maxBytes: 0 }],
    ['onUnreadable', { onUnreadable: 1 }],
    ['app', { app: '' }],
    ['fileExtention', { fileExtention: '.json' }],
  ])('the option %s', (option, options) => {
    expect(() => sessionFileStore(path, options)).toThrow(InvalidOptionError)
    expect(() => sessionFileStore(path, options)).toThrow(`\`${option}\``)
  })

  test('a directory that is not there, then or later', () => {
    expect(() => sessionFileStore(join(path, 'no'))).toThrow(StoreConfigError)
    const source = sessionFileStore(path)
    rmSync(path, { recursive: true })
    expect(() => byId(source, ID)).toThrow(StoreUnavailableError)
  })
})
