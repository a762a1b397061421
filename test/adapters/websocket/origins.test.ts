import { beforeEach, describe, expect, test } from 'vitest'
import { memoryStore } from '../../../src/memory.ts'
import { sessions } from '../../../src/websocket.ts'
import { forgetWarnings, warningTexts } from '../../support/warnings.ts'
import { FakeSocket, upgradeRequest } from './fake-socket.ts'

interface Asked {
  headers: Record<string, string>
  secure?: boolean
  trustProxy?: boolean
}

const said = warningTexts()
beforeEach(forgetWarnings)

const origins = ['https://app.example', 'http://localhost:5173']

async function isOpened({ headers, secure = false, trustProxy = false }: Asked): Promise<boolean> {
  const live = sessions({ store: memoryStore(), origins, trustProxy })
  const opened = live.open(upgradeRequest(headers, secure))
  return opened.then(
    () => true,
    (error) => {
      expect(error).toMatchObject({ code: 'UNTORN_FOREIGN_ORIGIN', status: 403 })
      return false
    },
  )
}

const proxied = {
  origin: 'https://shop.example',
  host: 'inner:8080',
  'x-forwarded-host': 'shop.example, inner',
}

describe('a socket is not opened for', () => {
  test.each<[who: string, asked: Asked]>([
    [
      'a page of http, where a cookie shows that the request came over https',
      { headers: { origin: 'http://shop.example', cookie: '__Host-sid=some' } },
    ],
    [
      'what is no page of the web, under the name of the site',
      { headers: { origin: 'evil://shop.example' } },
    ],
  ])('%s', async (_who, asked) => {
    expect(await isOpened(asked)).toBe(false)
  })
})

describe('a socket is opened for', () => {
  test.each<[who: string, asked: Asked]>([
    ['who is no browser', { headers: {} }],
    ['a page of the site itself', { headers: { origin: 'http://shop.example' } }],
    ['one on https', { headers: { origin: 'https://shop.example' }, secure: true }],
    ['one on https, behind a proxy that is not known of', { headers: { origin: 'https://shop.example' } }],
    [
      'one whose host names the usual port',
      { headers: { origin: 'https://shop.example', host: 'Shop.example:443' } },
    ],
    ['one on a port', { headers: { origin: 'http://127.0.0.1:3000', host: '127.0.0.1:3000' } }],
    ['one at a number of version 6', { headers: { origin: 'http://[::1]:3000', host: '[::1]:3000' } }],
    ['one behind a trusted proxy that changes the host', { headers: proxied, trustProxy: true }],
    ['a page of an origin that is allowed', { headers: { origin: 'https://app.example' }, secure: true }],
    ['one of http that is allowed, on https', { headers: { origin: 'http://localhost:5173' }, secure: true }],
    ['a page of the site that asks by GET', { headers: { 'sec-fetch-site': 'same-origin' } }],
    ['who has typed the address', { headers: { 'sec-fetch-site': 'none' } }],
  ])('%s', async (_, asked) => {
    expect(await isOpened(asked)).toBe(true)
  })
})

describe('a socket is refused to', () => {
  test.each<[who: string, asked: Asked]>([
    ['a page of another site', { headers: { origin: 'https://evil.example' } }],
    [
      'one whose name begins as the site’s does',
      { headers: { origin: 'https://shop.example.evil.example' } },
    ],
    ['one below the site', { headers: { origin: 'https://blog.shop.example' } }],
    ['one of another port', { headers: { origin: 'http://shop.example:8080' } }],
    [
      'a page of http, where the socket is on https',
      { headers: { origin: 'http://shop.example' }, secure: true },
    ],
    ['a frame without an origin', { headers: { origin: 'null' } }],
    ['what is no origin', { headers: { origin: 'shop.example' } }],
    ['an origin that is longer than an allowed one', { headers: { origin: 'https://app.example.evil' } }],
    ['a page of another site that asks by GET', { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['a page of another name of the site that asks by GET', { headers: { 'sec-fetch-site': 'same-site' } }],
    ['who claims to be a proxy', { headers: proxied }],
    [
      'a page of the host behind a trusted proxy',
      { headers: { ...proxied, origin: 'https://inner:8080' }, trustProxy: true },
    ],
  ])('%s', async (_, asked) => {
    expect(await isOpened(asked)).toBe(false)
  })

  test('such a page, and its socket is closed by 1008', async () => {
    const live = sessions({ store: memoryStore() })
    const socket = new FakeSocket()
    const request = upgradeRequest({ origin: 'https://evil.example' })
    expect(await live.attach(socket, request, () => expect.fail('handled'))).toBe(undefined)
    socket.says('hello')
    expect(socket.closedBy).toEqual([1008, 'origin'])
    expect(said).toEqual([expect.stringMatching(/a page of another site has opened it.* `origins`/)])
  })

  test.each([
    'capacitor://localhost',
    'tauri://localhost',
    'app://shop',
    'chrome-extension://abcdefghijklmnop',
    'moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc',
  ])('%s can be allowed, as that of an application, and others are not with it', async (origin) => {
    const live = sessions({ store: memoryStore(), origins: [origin] })
    expect(await live.open(upgradeRequest({ origin }))).toBeDefined()
    for (const other of [`${origin}.evil.example`, origin.replace('://', '://x'), 'null', 'app://other'])
      await expect(live.open(upgradeRequest({ origin: other }))).rejects.toMatchObject({ status: 403 })
  })

  test("'null' can be allowed, for an application of the desktop", async () => {
    const live = sessions({ store: memoryStore(), origins: ['null'] })
    expect(await live.open(upgradeRequest({ origin: 'null' }))).toBeDefined()
  })
})
