import { createHash, createHmac } from 'node:crypto'
import { readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { InvalidOptionError } from '../../../src/errors.ts'
import { type DjangoFilesOptions, djangoFiles } from '../../../src/formats.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { byId, dataOf, listed } from './listed.ts'

interface Sample {
  name: string
  id: string
  values: Record<string, unknown>
  text: string
}

/** What Django itself has written. */
const { sessions }: { sessions: Sample[] } = JSON.parse(
  readFileSync(new URL('golden/django/sessions.json', import.meta.url), 'utf8'),
)

const sample = (name: string): Sample => sessions.find((each) => each.name === name)!

const KEYS = { secretKey: 'the secret key', fallbackKeys: ['an older key'] }
const TWO_WEEKS = 1_209_600_000
/** Of a file, in whole seconds. */
const WRITTEN = Math.floor(Date.now() / 1000) * 1000 - 60_000

let path: string
beforeEach(() => {
  path = temporaryDirectory()
})

function put(name: string, text: string, written = WRITTEN): void {
  writeFileSync(join(path, name), text)
  utimesSync(join(path, name), written / 1000, written / 1000)
}

function sourceOf(options: Partial<DjangoFilesOptions> = {}) {
  return djangoFiles(path, { ...KEYS, onUnreadable() {}, ...options })
}

describe('a session of Django', () => {
  test.each(sessions)('is read: $name', async ({ id, text, values }) => {
    put(`sessionid${id}`, text)
    const { _session_expiry: _, ...others } = values
    const record = await byId(sourceOf(), id)
    expect(dataOf(record)).toEqual(others)
    expect(record!.createdAt).toBe(WRITTEN)
    expect((await listed(sourceOf())).records.size).toBe(1)
  })

  test('belongs to who has signed in', async () => {
    const { id, text } = sample('signed-in')
    put(`sessionid${id}`, text)
    expect(await byId(sourceOf(), id)).toMatchObject({ owner: '7' })
  })

  test.each([
    ['odd', WRITTEN + TWO_WEEKS],
    ['until-the-browser-closes', WRITTEN + TWO_WEEKS],
    ['with-seconds', WRITTEN + 600_000],
    ['with-a-date', Date.UTC(2099, 0, 2, 3, 4, 5)],
  ])('ends as it says: %s', async (name, expiresAt) => {
    const { id, text } = sample(name)
    put(`sessionid${id}`, text)
    expect((await byId(sourceOf(), id))?.expiresAt).toBe(expiresAt)
  })

  test('has another name and another age, where Django was told so', async () => {
    const { id, text } = sample('odd')
    put(`shop${id}`, text)
    const source = sourceOf({ cookieName: 'shop', cookieAge: 3600 })
    expect((await byId(source, id))?.expiresAt).toBe(WRITTEN + 3_600_000)
    expect((await listed(source)).records.size).toBe(1)
  })

  test('is none once it has expired, or while its file has only been made', async () => {
    const { id, text } = sample('with-seconds')
    put(`sessionid${id}`, text, WRITTEN - 600_000)
    put(`sessionid${sample('odd').id}`, '')
    put(`sessionid${sample('odd').id}_out_x1`, sample('odd').text)
    put('something else', text)
    expect(await byId(sourceOf(), id)).toBeUndefined()
    expect(await listed(sourceOf())).toEqual({ records: new Map(), unreadable: [] })
  })
})

describe('what is not signed as it should be', () => {
  const { id, text } = sample('compressed')
  const [body, time, signature] = text.split(':') as [string, string, string]

  test.each([
    ['by a key that is not named', text, { secretKey: 'another' }],
    ['by a key that was given up', sample('of-an-older-key').text, { fallbackKeys: [] }],
    ['with another body', [`${body}A`, time, signature].join(':'), {}],
    ['with another time', [body, 'zzzzzz', signature].join(':'), {}],
    ['as if it were not compressed', text.slice(1), {}],
    ['without a signature', [body, time].join(':'), {}],
    ['with an empty one', [body, time, ''].join(':'), {}],
    ['as no such text', '{"_auth_user_id":"1"}', {}],
  ])('is none, and told: %s', async (_, written, options) => {
    put(`sessionid${id}`, written)
    const told: string[] = []
    const source = sourceOf({ ...options, onUnreadable: ({ message }) => void told.push(message) })
    expect(await byId(source, id)).toBeUndefined()
    expect((await listed(source)).records.size).toBe(0)
    expect(told).toEqual([expect.stringMatching(/signed/)])
    expect(told.join()).not.toContain(id)
  })
})

describe('a number that JavaScript would change', () => {
  const { id } = sample('signed-in')
  const signed = (json: string) => {
    const text = `${Buffer.from(json).toString('base64url')}:1a2b3c`
    const key = createHash('sha256')
      .update(`django.contrib.sessions.SessionStoresigner${KEYS.secretKey}`)
      .digest()
    return `${text}:${createHmac('sha256', key).update(text).digest('base64url')}`
  }

  test.each([
    '{"total":9007199254740993}',
    '{"total":-9007199254740992}',
    '{"list":[1,[123456789012345678901234567890]]}',
    '{"_auth_user_id":9007199254740993}',
    '{"a":"\\\\","b":9007199254740993}',
  ])('is left out, and told: %s', async (json) => {
    put(`sessionid${id}`, signed(json))
    const told: string[] = []
    const source = sourceOf({ onUnreadable: ({ message }) => void told.push(message) })
    expect(await byId(source, id)).toBeUndefined()
    expect((await listed(source)).unreadable).toEqual([
      expect.stringContaining('a number in it is too large'),
    ])
    expect(told.join()).not.toContain('900719')
  })

  test.each([
    '{"total":9007199254740991,"other":-9007199254740991}',
    '{"text":"9007199254740993","a":"\\"9007199254740993","9007199254740993":1}',
    '{"float":1.5e300,"small":0.1,"none":-0.0}',
  ])('is none of these: %s', async (json) => {
    put(`sessionid${id}`, signed(json))
    expect(dataOf(await byId(sourceOf(), id))).toEqual(JSON.parse(json.replace('-0.0', '0')))
  })
})

test.each<[string, object]>([
  ['secretKey', { secretKey: '' }],
  ['secretKey', { secretKey: undefined }],
  ['fallbackKeys', { fallbackKeys: 'an older key' }],
  ['fallbackKeys[0]', { fallbackKeys: [''] }],
  ['cookieName', { cookieName: '../x' }],
  ['cookieAge', { cookieAge: 0.5 }],
])('the option %s is refused, and no key is quoted', (option, options) => {
  const made = () => djangoFiles(path, { ...KEYS, ...options } as DjangoFilesOptions)
  expect(made).toThrow(InvalidOptionError)
  expect(made).toThrow(`\`${option}\``)
  expect(made).not.toThrow('older')
})
