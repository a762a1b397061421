import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { startServer } from '../support/servers/redis-server.ts'
import type { ServerOptions, Started } from '../support/servers/throw-away.ts'

const SERVERS: [name: string, start: (options?: ServerOptions) => Promise<Started>][] = [
  ['redis', startRedis],
  ['postgres', startPostgres],
]

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

const isEmpty = (directory: string): boolean =>
  readdirSync(directory).every((folder) => {
    try {
      return readdirSync(join(directory, folder)).length === 0
    } catch {
      return !existsSync(join(directory, folder)) // removed between the two looks
    }
  })

/** A server has gone some time after it was told to; one with fewer rights leaves its folder, with nothing in it. */
async function isGone(port: number, directory: string): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    if (!(await isOpen(port)) && isEmpty(directory)) return true
    await delay(50)
  }
  return false
}

describe.each(SERVERS)('a throw-away %s', (name, start) => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'untorn-server-'))
    chmodSync(directory, 0o755) // root's server runs as another user
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  test('answers, and leaves nothing behind', async ({ skip }) => {
    const { server, missing } = await start({ directory })
    if (server === undefined) {
      if (process.env.CI) throw new Error(missing)
      return skip(missing)
    }
    expect(server.url).toContain(`127.0.0.1:${server.port}`)
    expect(server.version).toMatch(/\d/)
    expect(await isOpen(server.port)).toBe(true)
    await server.stop()
    expect(await isGone(server.port, directory)).toBe(true)
    expect(readdirSync(directory)).toEqual([])
  })

  test('ends with the process that started it, which is killed', async ({ skip }) => {
    const module = new URL(`../support/servers/${name}.ts`, import.meta.url).href
    const script =
      `const servers = await import(${JSON.stringify(module)})\n` +
      `const started = await Object.values(servers)[0]({ directory: ${JSON.stringify(directory)} })\n` +
      `console.log(started.server?.port ?? started.missing)\n` +
      `if (started.server) process.kill(process.pid, 'SIGKILL')\n`
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args).catch(
      (error: { stdout: string; signal: string }) => error,
    )
    const port = Number(stdout)
    if (Number.isNaN(port)) {
      if (process.env.CI) throw new Error(stdout)
      return skip(stdout)
    }
    expect(await isGone(port, directory)).toBe(true)
  })
})

test('one that does not start says why', async ({ skip }) => {
  const starting = startServer('redis-server', { settings: { nonsense: 'yes' } }).then(({ missing }) => {
    if (missing === undefined) throw new Error('It has started.')
    if (process.env.CI) throw new Error(missing)
    skip(missing)
  })
  await expect(starting).rejects.toThrow(/redis-server did not start\..*nonsense/s)
})
