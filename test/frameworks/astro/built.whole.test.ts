import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gate } from '../../../src/testing/adapter/gate.ts'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
// Beside the packages, of which what is built loads some.
const folder = path('./built')
const server = createServer()
let meanwhile: ((set: readonly string[]) => Promise<void>) | undefined
Object.assign(globalThis, { untornMeanwhile: (set: readonly string[]) => meanwhile?.(set) })

/** The application of that folder, as `astro build` makes it, with untorn as it ships, on a server of Node.js. */
beforeAll(async () => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [path('./application/build.js')], {
    encoding: 'utf8',
    env: {
      ...process.env,
      NODE_ENV: 'production',
      ASTRO_TELEMETRY_DISABLED: '1',
      UNTORN_FOLDER: folder,
      UNTORN_ENTRY: path('../../../dist/astro.js'),
    },
  })
  if (status !== 0) throw new Error(`astro build failed:\n${stdout}\n${stderr}`)
  const entry = pathToFileURL(join(folder, 'built/server/entry.mjs')).href
  const { handler } = (await import(entry)) as { handler: RequestListener }
  server.on('request', handler)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
}, 180_000)

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
  rmSync(folder, { recursive: true, force: true })
})

function visitor() {
  let cookie = ''
  return async (query = ''): Promise<object> => {
    const { port } = server.address() as AddressInfo
    const answer = await fetch(`http://127.0.0.1:${port}/${query}`, { headers: { cookie } })
    const set = answer.headers.getSetCookie().find((line) => line.startsWith('astro-session='))
    if (set !== undefined) cookie = set.split(';')[0]!
    return answer.json() as Promise<object>
  }
}

test('requests of one session that overlap in a built application keep what each has set', async () => {
  const ask = visitor()
  await ask('?set=first')
  const [hasRead, hasChanged] = [gate(), gate()]
  meanwhile = async (set) => {
    if (!set.includes('slow')) return
    hasRead.open()
    await hasChanged.opened
  }
  const slow = ask('?set=slow')
  await hasRead.opened
  await ask('?set=quick')
  await ask()
  hasChanged.open()
  await slow
  meanwhile = undefined
  expect(await ask()).toEqual({ first: 1, quick: 1, slow: 1 })
})
