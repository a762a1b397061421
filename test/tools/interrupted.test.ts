import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { createClient } from 'redis'
import { describe, expect, test, vi } from 'vitest'
import { fileStore } from '../../src/file.ts'
import { type RedisClient, redisStore } from '../../src/redis.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { inWhole, whole } from '../support/whole.ts'
import { applicationWith, COMMAND, start, untorn } from './command.ts'
import { contentsOf, fill } from './sessions.ts'

// Each of them is on its way through a proxy, to a command that waits for as long as the machine takes.
vi.setConfig({ testTimeout: 300_000 })

const COUNT = inWhole(300, 100)

/** They wait for deadlines. */
const testInWhole = whole ? test : () => {}

async function source() {
  const directory = temporaryDirectory()
  const store = fileStore(directory, { sweepEvery: 0 })
  const before = await fill(store, COUNT)
  await store.close()
  return { location: `file:${directory}`, before }
}

/** From the n-th chunk with something about a session on the server hangs; resolves when the command waits for it. */
async function hangAt(proxy: TcpProxy, n: number, about = 'shop:'): Promise<void> {
  let sent = 0
  const counting = (chunk: Buffer): boolean => {
    if (chunk.includes(about) && ++sent === n) proxy.hang()
    return false
  }
  void proxy.cutOnce({ request: counting, when: 'before' })
  while (sent < n) await proxy.held()
}

await describeWith('a copy to a server that ends before it is done', startRedis, (server) => {
  /** What is on the server, whatever hangs before it. */
  async function arrived(): Promise<Awaited<ReturnType<typeof contentsOf>>> {
    const client = createClient({ url: server.url })
    await client.connect()
    try {
      return await contentsOf(redisStore({ client: client as RedisClient, prefix: 'shop:' }))
    } finally {
      client.destroy()
    }
  }

  async function setting() {
    const client = await createClient({ url: server.url }).connect()
    await client.flushAll()
    client.destroy()
    const proxy = await startTcpProxy(server.port)
    const { location, before } = await source()
    const to = `redis://127.0.0.1:${proxy.port}?prefix=shop:`
    const args = ['copy', '--from', location, '--to', to, '--concurrency', '4', '--json']
    // No test may depend on how soon a process hears of a signal.
    const patient = [...args, '--deadline', '50000']
    const rerun = async (): Promise<void> => {
      const there = (await arrived()).size
      expect(there).toBeGreaterThan(0)
      expect(there).toBeLessThan(COUNT)
      const { code, stdout } = await untorn(args)
      const done = { seen: COUNT, same: there, copied: COUNT - there }
      const verified = { ok: true, from: COUNT, same: COUNT }
      expect(JSON.parse(stdout)).toMatchObject({ done, verified })
      expect(code).toBe(0)
      expect(await arrived()).toEqual(before)
    }
    return { proxy, args, patient, rerun }
  }

  test('by kill -9: the same command does the rest', async () => {
    const { proxy, patient, rerun } = await setting()
    const running = start(patient)
    await hangAt(proxy, 40)
    running.process.kill('SIGKILL')
    expect((await running.ended).code).toBe('SIGKILL')
    proxy.cut()
    await proxy.pass()
    await rerun()
    await proxy.close()
  })

  test('by Ctrl-C: ends what is under way, says how to go on, exit code 130', async () => {
    const { proxy, patient, rerun } = await setting()
    const running = start(patient)
    await hangAt(proxy, 40)
    running.process.kill('SIGINT')
    await running.said('Ending after what is under way')
    await proxy.pass()
    const { code, stdout, stderr } = await running.ended
    expect(code).toBe(130)
    expect(stderr).toMatch(/Interrupted\. \d+ new\. The same command goes on from here\./)
    const { error, done } = JSON.parse(stdout)
    expect(error.code).toBe('INTERRUPTED')
    expect((await arrived()).size).toBe(done.copied)
    await rerun()
    await proxy.close()
  })

  test('by a second Ctrl-C: at once', async () => {
    const { proxy, patient } = await setting()
    const running = start(patient)
    await hangAt(proxy, 40)
    running.process.kill('SIGINT')
    await running.said('Ending after what is under way')
    running.process.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    await proxy.close()
  })

  testInWhole('by a server that is gone: its error, exit code 1, and how to go on', async () => {
    const { proxy, args, rerun } = await setting()
    const running = start(args)
    await hangAt(proxy, 40)
    await proxy.refuse()
    proxy.cut()
    const { code, stdout, stderr } = await running.ended
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /untorn copy: redis:\/\/127\.0\.0\.1:\d+ .*: Could not .*\(UNTORN_STORE_UNAVAILABLE\)\n/,
    )
    expect(stderr).toMatch(/\d+ new\. The same command goes on from here\.\n$/)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'UNTORN_STORE_UNAVAILABLE' } })
    await proxy.pass()
    await rerun()
    await proxy.close()
  })

  test('a server that takes connections and answers nothing is given up', async () => {
    const { proxy, args } = await setting()
    proxy.hang()
    const { code, stderr } = await untorn([...args, '--deadline', '300ms'])
    expect(stderr).toMatch(/Could not connect to redis:\/\/127\.0\.0\.1:\d+ .*no answer in 300 ms/)
    expect(code).toBe(1)
    await proxy.close()
  })
})

const describeInWhole: typeof describeWith = whole ? describeWith : async () => {}

await describeInWhole('a copy to a PostgreSQL that hangs', startPostgres, (server) => {
  test.each(['pg', 'postgres'])('ends with %s, and the same command does the rest', async (driver) => {
    const proxy = await startTcpProxy(server.port)
    const { location } = await source()
    const to = `postgres://postgres@127.0.0.1:${proxy.port}/postgres?table=by_${driver}`
    const args = ['copy', '--from', location, '--to', to, '--create-table', '--json']
    const cwd = applicationWith(driver)
    const running = start([...args, '--concurrency', '3'], { cwd })
    await hangAt(proxy, 40, '"text"')
    const { code, stderr } = await running.ended
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /did not answer in 5000 ms.*\(UNTORN_STORE_UNAVAILABLE\)\n\d+ new\. The same command/,
    )
    proxy.cut()
    await proxy.pass()
    const again = await untorn(args, { cwd })
    expect(JSON.parse(again.stdout)).toMatchObject({
      done: { seen: COUNT },
      verified: { ok: true, from: COUNT },
    })
    await proxy.close()
  })
})

const script = await promisify(execFile)('script', ['--version']).then(
  ({ stdout }) => stdout.includes('util-linux'),
  () => false,
)

describe.skipIf(!script)('on a terminal (by `script` of util-linux)', () => {
  test('a bar shows how far it is, and what is printed in the end stays', async () => {
    const { location } = await source()
    const to = `file:${temporaryDirectory()}`
    const { stdout } = await promisify(execFile)('script', [
      ...['-qec', `${process.execPath} ${COMMAND} copy --from ${location} --to ${to}`, '/dev/null'],
    ])
    expect(stdout).toContain('█')
    expect(stdout).toMatch(new RegExp(`Copying .* ${COUNT} of ${COUNT} \\| [\\d,]+/s`))
    expect(stdout).toMatch(`${COUNT} sessions came from`)
    expect(stdout).toContain(`${COUNT} the same`)
  })
})

test('what reads the output may go away', async () => {
  const { location } = await source()
  const running = start(['copy', '--from', location, '--to', `file:${temporaryDirectory()}`])
  running.process.stdout!.destroy()
  await once(running.process, 'exit')
  expect(running.process.exitCode).toBe(0)
})
