import { chmodSync } from 'node:fs'
import { startPostgres } from '../../../test/support/servers/postgres.ts'
import { startRedis } from '../../../test/support/servers/redis.ts'
import type { Started } from '../../../test/support/servers/throw-away.ts'
import type { Measured, Suite, SuiteContext } from '../../suite.ts'
import type { ServerName } from './pairs.ts'
import { LONG, merged, type Part, QUICK } from './plan.ts'
import { measurePostgres } from './postgres.ts'
import { measureRedis } from './redis.ts'

export const serversSuite: Suite = {
  name: 'servers',
  title: 'Stores on a server: Redis and PostgreSQL',
  async run(context) {
    const { directory } = context
    // For the other user that PostgreSQL runs as.
    chmodSync(directory, 0o711)
    return merged([
      await withServer('Redis', () => startRedis({ directory }), measureRedis, context),
      await withServer(
        'PostgreSQL',
        () => startPostgres({ directory, durable: true }),
        measurePostgres,
        context,
      ),
      { notes: NOTES },
    ])
  },
}

const NOTES = [
  'Round trips: counted by a proxy between the driver and the server; all that is sent before the next answer is one.',
  'connect-redis and connect-pg-simple: with their own defaults, called with callbacks as express-session does.',
  'Both servers run on the loopback, on the machine that asks them: a network adds its own time to each round trip.',
]

/** One at a time, so that neither disturbs the other. */
async function withServer(
  name: ServerName,
  start: () => Promise<Started>,
  part: Part,
  { quick, progress }: SuiteContext,
): Promise<Measured> {
  const { server, missing } = await start().catch((error: Error): Started => ({ missing: error.message }))
  if (missing !== undefined) return { skipped: [`${name}: ${missing}`] }
  try {
    const measured = await part(server, quick ? QUICK : LONG, progress)
    return { ...measured, versions: { [name]: server.version, ...measured.versions } }
  } finally {
    await server.stop()
  }
}
