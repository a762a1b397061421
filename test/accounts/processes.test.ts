import { parseSetCookie } from 'cookie'
import { expect, test } from 'vitest'
import { fileStore } from '../../src/file.ts'
import type { SessionStore, SessionsOptions } from '../../src/index.ts'
import { pgPool } from '../stores/postgres/drivers.ts'
import { openStore as onPostgres } from '../stores/postgres/open-store.ts'
import { connect, openStore as onRedis } from '../stores/redis/on-redis.ts'
import { type Child, startChild } from '../support/child.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { inWhole, whole } from '../support/whole.ts'
import { Shop } from './shop.ts'

const BROWSERS = 3
type Options = Pick<SessionsOptions, 'maxPerOwner' | 'onMaxPerOwner'>

async function signedInAtOnce(processes: Child[], owner: string, options: Options) {
  const round = JSON.stringify({ owner, browsers: BROWSERS, options })
  for (const { process } of processes) process.stdin!.write(`${round}\n`)
  const lines = await Promise.all(processes.map((process) => process.line()))
  return lines.flatMap((line) => JSON.parse(line) as { cookie?: string; code?: string }[])
}

/** `open`: where processes find the sessions, and a store over them. */
function holdsBetweenProcesses(open: () => Promise<{ args: [string, string]; store: SessionStore }>): void {
  test('two processes sign in at the same moment: there is never one too many', async () => {
    const { args, store } = await open()
    const shop = new Shop(store)
    const processes = [1, 2].map(() => startChild(new URL('children/sign-in.ts', import.meta.url), ...args))
    for (const process of processes) expect(await process.line()).toBe('ready')
    for (const onMaxPerOwner of ['end-oldest', 'refuse'] as const) {
      for (let round = 0; round < inWhole(20, 4); round++) {
        const [owner, maxPerOwner] = [`${onMaxPerOwner} ${round}`, 1 + (round % 3)]
        const ends = await signedInAtOnce(processes, owner, { maxPerOwner, onMaxPerOwner })
        const codes = ends.flatMap(({ code }) => code ?? [])
        const cookies = ends.flatMap(({ cookie }) => cookie ?? [])
        expect(codes.length + cookies.length).toBe(2 * BROWSERS)
        let signedIn = 0
        for (const line of cookies) {
          const browser = shop.browser()
          const { name, value } = parseSetCookie(line)
          browser.cookie = `${name}=${value}`
          if ((await browser.owner()) === owner) signedIn++
        }
        expect(signedIn).toBeLessThanOrEqual(maxPerOwner)
        expect(await shop.handles(owner)).toHaveLength(signedIn)
        if (onMaxPerOwner === 'refuse') {
          expect(codes).toEqual(codes.map(() => 'UNTORN_TOO_MANY_SESSIONS'))
          expect(signedIn).toBe(cookies.length)
        } else {
          expect(codes).toEqual([])
          expect(signedIn).toBeGreaterThan(0)
        }
      }
    }
    await shop.sessions.close()
  })
}

holdsBetweenProcesses(async () => {
  const directory = temporaryDirectory()
  return { args: [directory, ''], store: fileStore(directory, { sweepEvery: 0 }) }
})

if (whole) {
  await describeWith('Redis', startRedis, ({ port, url }) =>
    holdsBetweenProcesses(async () => {
      const store = onRedis(connect(port))
      return { args: [url, store.prefix], store }
    }),
  )

  await describeWith('PostgreSQL', startPostgres, ({ url }) =>
    holdsBetweenProcesses(async () => {
      const { store, table } = await onPostgres({ pool: pgPool(url) })
      return { args: [url, table], store }
    }),
  )
}
