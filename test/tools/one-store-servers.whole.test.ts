import pg from 'pg'
import { createClient } from 'redis'
import { expect, onTestFinished, test, vi } from 'vitest'
import { postgresStore } from '../../src/postgres.ts'
import { type RedisClient, redisStore } from '../../src/redis.ts'
import { Interrupted } from '../../src/tools/cli/exit.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { inWhole } from '../support/whole.ts'
import { applicationWith, start } from './command.ts'
import { run } from './in-process.ts'
import { contentsOf, fill } from './sessions.ts'

/** Short of what such a call takes, which would be a session each. */
const FEW = 10

await describeWith('on a Redis', startRedis, (server) => {
  async function withSessions(count: number) {
    const client = await createClient({ url: server.url }).connect()
    onTestFinished(() => client.destroy())
    await client.flushAll()
    client.on('error', () => {})
    const store = redisStore({ client: client as RedisClient, prefix: 'shop:' })
    const before = await fill(store, count)
    return { client, store, before, location: `${server.url}?prefix=shop:` }
  }

  test('sessions are counted, without a look into one', async () => {
    const { client, location } = await withSessions(300)
    await client.configResetStat()
    const { code, stdout, stderr } = await run(['count', '--store', location])
    expect(stdout).toBe(`redis://127.0.0.1:${server.port} (prefix shop:) has about 300 sessions.\n`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const stats = await client.info('commandstats')
    expect(stats).toContain('cmdstat_scan')
    expect(stats).not.toMatch(/cmdstat_(hgetall|hget|hmget|hexists)/)
  })

  test('nothing is left to be removed, as Redis does it, and nothing is', async () => {
    const { store, before, location } = await withSessions(5)
    const { code, stdout } = await run(['clear-expired', '--store', location])
    expect(stdout).toMatch(/^redis:\S+ \(prefix shop:\) removes what has expired by itself: nothing was left/)
    expect(code).toBe(0)
    const json = await run(['clear-expired', '--store', location, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ done: { scanned: 0, removed: 0 }, failed: 0 })
    expect(await contentsOf(store)).toEqual(before)
  })

  /** A way to the server on which it hangs when it is asked for keys; `asked` tells. */
  async function hangingAtScan(location: string) {
    const proxy = await startTcpProxy(server.port)
    onTestFinished(() => proxy.close())
    const state = { asked: false, through: location.replace(`:${server.port}`, `:${proxy.port}`) }
    const request = (chunk: Buffer): boolean => {
      if (chunk.includes('scan')) {
        proxy.hang()
        state.asked = true
      }
      return false
    }
    void proxy.cutOnce({ request, when: 'before' })
    return state
  }

  test('a server that is gone while it counts: its error, and the exit code 1', async () => {
    const { location } = await withSessions(5)
    const { through } = await hangingAtScan(location)
    const { code, stderr } = await run(['count', '--store', through, '--deadline', '4s'])
    expect(stderr).toMatch(
      /^untorn count: redis:\S+ \(prefix shop:\): Could not count .*\(UNTORN_STORE_UNAVAILABLE\)\n$/,
    )
    expect(code).toBe(1)
  })

  test('Ctrl-C while a server hangs ends a count, long before its deadline', async () => {
    const { location } = await withSessions(5)
    const hanging = await hangingAtScan(location)
    const running = start(['count', '--store', hanging.through, '--deadline', '50s'])
    await vi.waitUntil(() => hanging.asked, 30_000)
    const since = performance.now()
    running.process.kill('SIGINT')
    const { code, stderr } = await running.ended
    expect(stderr).toBe('Ending after what is under way; once more to end at once.\nInterrupted.\n')
    expect(code).toBe(130)
    expect(performance.now() - since).toBeLessThan(25_000)
  })
})

await describeWith('on a PostgreSQL', startPostgres, (server) => {
  async function withSessions(table: string, { live, expired }: { live: number; expired: number }) {
    const pool = new pg.Pool({ connectionString: server.url })
    pool.on('error', () => {})
    onTestFinished(() => pool.end())
    const store = postgresStore({ pool, table, sweepEvery: 0, deadline: '50s' })
    await store.createTable()
    const before = await fill(store, live)
    await pool.query(
      `insert into ${table} (key, version, values, texts, created_at, expires_at) ` +
        "select sha256(gen_random_uuid()::text::bytea), 0, '{}', '{}', now(), now() - interval '1 second' " +
        `from generate_series(1, ${expired})`,
    )
    return { pool, store, before, location: `${server.url}?table=${table}` }
  }

  test.each(inWhole(['pg', 'postgres'], ['pg']))(
    'with %s: what has expired is removed, and nothing else',
    async (driver) => {
      const cwd = applicationWith(driver)
      const table = `removed_by_${driver}`
      const { pool, store, before, location } = await withSessions(table, { live: 20, expired: 2500 })
      const counted = await run(['count', '--store', location, '--json'], { cwd })
      expect(JSON.parse(counted.stdout)).toMatchObject({ command: 'count', count: 20 })
      const { code, stdout, stderr } = await run(['clear-expired', '--store', location], { cwd, columns: 80 })
      expect(stdout).toMatch(/^From postgres:\S+ \(table \w+\) in \d+\.\d s: 2,500 removed\.\n$/)
      expect(stderr).toMatch(/Sweeping [█░]+ \d+% \|/)
      expect(code).toBe(0)
      expect((await pool.query(`select from ${table}`)).rowCount).toBe(20)
      expect(await contentsOf(store)).toEqual(before)
    },
  )

  test('sessions are counted by few statements', async () => {
    const { location } = await withSessions('counted', { live: 200, expired: 0 })
    const proxy = await startTcpProxy(server.port)
    onTestFinished(() => proxy.close())
    let statements = 0
    const seen = (chunk: Buffer): boolean => {
      statements += chunk.toString('latin1').split('counted').length - 1
      return false
    }
    void proxy.cutOnce({ request: seen, when: 'before' })
    const through = location.replace(`:${server.port}`, `:${proxy.port}`)
    const { stdout } = await run(['count', '--store', through])
    expect(stdout).toContain('has about 200 sessions.')
    expect(statements).toBeGreaterThan(0)
    expect(statements).toBeLessThan(FEW)
  })

  test('a table that is not there: how to make it, and nothing about a target', async () => {
    for (const command of ['count', 'clear-expired']) {
      const { code, stderr } = await run([command, '--store', `${server.url}?table=none`])
      expect(stderr).toMatch(/no such table; call `createTable\(\)` once, or run the migration/)
      expect(stderr).not.toContain('--create-table')
      expect(code).toBe(1)
    }
  })

  test('no password is in what is printed', async () => {
    const env = { SESSIONS_URL: `postgres://nobody:pa55-word@127.0.0.1:${server.port}/postgres` }
    for (const command of ['count', 'clear-expired']) {
      const { code, stdout, stderr } = await run([command, '--store', 'env:SESSIONS_URL', '--json'], { env })
      expect(stderr).toContain('UNTORN_STORE_CONFIG')
      expect(code).toBe(1)
      expect(stdout + stderr).not.toContain('pa55')
    }
  })

  test('while another one sweeps it waits for its turn, as long as the deadline says', async () => {
    const { pool, location } = await withSessions('awaited', { live: 1, expired: 5 })
    const other = await pool.connect()
    await other.query('begin')
    await other.query(
      "select pg_advisory_xact_lock((x'756e746e'::bigint << 32) | 'awaited'::regclass::oid::bigint)",
    )
    const late = await run(['clear-expired', '--store', location, '--deadline', '4s'])
    expect(late.stderr).toMatch(
      /^untorn clear-expired: .* another process has been removing .*\(UNTORN_STORE_BUSY\)/,
    )
    expect(late.code).toBe(1)
    const ending = new AbortController()
    setTimeout(() => ending.abort(new Interrupted()), 300)
    const ended = await run(['clear-expired', '--store', location], { signal: ending.signal })
    expect(ended).toMatchObject({ code: 130, stdout: '' })
    const waiting = run(['clear-expired', '--store', location, '--deadline', '50s'])
    await other.query('commit')
    other.release()
    expect(await waiting).toMatchObject({ code: 0, stdout: expect.stringContaining('5 removed') })
  })
})
