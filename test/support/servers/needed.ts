import { afterAll, describe, onTestFinished, test } from 'vitest'
import type { Started, ThrowAwayServer } from './throw-away.ts'

/**
 * Tests of one server, which is started before they are collected and stopped after the last of them: await it at the
 * top of a file. Without the server's program they are skipped with the reason; where `CI` is set they fail, as nobody
 * would see the skip there; but not those of a server that is not `required` (default: it is).
 */
export async function describeWith<Server extends ThrowAwayServer>(
  name: string,
  start: () => Promise<Started<Server>>,
  tests: (server: Server) => void,
  { required = true }: { required?: boolean } = {},
): Promise<void> {
  const { server, missing } = await start()
  if (missing !== undefined) {
    if (process.env.CI && required) throw new Error(missing)
    test.skip(`${name} (${missing})`)
    return
  }
  afterAll(() => server.stop())
  describe(name, () => tests(server))
}

/** A server for one test alone, which may break it: stopped when the test has finished. `skip` is the test's own. */
export async function serverOrSkip<Server extends ThrowAwayServer>(
  start: () => Promise<Started<Server>>,
  skip: (reason?: string) => never,
): Promise<Server> {
  const { server, missing } = await start()
  if (missing !== undefined) {
    if (process.env.CI) throw new Error(missing)
    return skip(missing)
  }
  onTestFinished(() => server.stop())
  return server
}
