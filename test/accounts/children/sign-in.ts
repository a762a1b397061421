// Signs an owner in from several browsers at once, each time that it is told to by a line of JSON: a directory or the URL of a
// server, what a table is called or keys begin with. Prints what came of each.
import { createInterface } from 'node:readline'
import pg from 'pg'
import { createClient } from 'redis'
import { createSessions, type SessionStore, type SessionsOptions } from 'untorn'
import { fileStore } from 'untorn/file'
import { postgresStore } from 'untorn/postgres'
import { redisStore } from 'untorn/redis'

const [place, name] = process.argv.slice(2) as [string, string]

// The server may be stopped first.
const ignore = () => {}

async function openStore(): Promise<SessionStore> {
  if (place.startsWith('redis:')) {
    const client = createClient({ url: place }).on('error', ignore)
    return redisStore({ client: await client.connect(), prefix: name })
  }
  if (place.startsWith('postgres:')) {
    const pool = new pg.Pool({ connectionString: place }).on('error', ignore)
    return postgresStore({ pool, table: name, sweepEvery: 0 })
  }
  return fileStore(place, { sweepEvery: 0 })
}

interface Round {
  owner: string
  browsers: number
  options: Pick<SessionsOptions, 'maxPerOwner' | 'onMaxPerOwner'>
}

const store = await openStore()
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const { owner, browsers, options } = JSON.parse(line) as Round
  const sessions = createSessions({ ...options, store })
  const signingIn = Array.from({ length: browsers }, async () => {
    const session = await sessions.open(undefined)
    try {
      await session.login(owner)
      return { cookie: await session.commit() }
    } catch (error) {
      return { code: (error as { code: string }).code }
    }
  })
  console.log(JSON.stringify(await Promise.all(signingIn)))
}
process.exit()
