import { once } from 'node:events'
import http from 'node:http'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import pg from 'pg'
import { createClient } from 'redis'
import { expect, onTestFinished, test } from 'vitest'
import { fileStore } from '../../src/file.ts'
import { createSessions, type SessionStore, type Sessions } from '../../src/index.ts'
import { postgresStore } from '../../src/postgres.ts'
import { redisStore } from '../../src/redis.ts'
import { cookieHeader } from '../sessions/visit.ts'
import { startChild } from '../support/child.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { describeWith } from '../support/servers/needed.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { startRedis } from '../support/servers/redis.ts'
import { whole } from '../support/whole.ts'

/** Milliseconds: a look comes every five seconds, and the machine may be busy. */
const LOOK = 5000
const BUSY = 10_000

/** A socket that another process holds open. */
class Socket {
  /** All that it says until it is closed. */
  readonly said: Promise<string>
  isOpen = true
  readonly #socket: Duplex

  private constructor(socket: Duplex) {
    this.#socket = socket
    this.said = text(socket).finally(() => {
      this.isOpen = false
    })
  }

  static async open(port: number, cookie: string): Promise<Socket> {
    const headers = { cookie, connection: 'Upgrade', upgrade: 'test' }
    const request = http.request({ host: '127.0.0.1', port, headers, agent: false }).end()
    const [, socket, head] = (await once(request, 'upgrade')) as [unknown, Duplex, Buffer]
    socket.unshift(head)
    return new Socket(socket)
  }

  close(): void {
    this.#socket.destroy()
    this.said.catch(() => {})
  }
}

async function begin(sessions: Sessions, user: string): Promise<string> {
  const session = await sessions.open(undefined)
  session.set('user', user)
  return cookieHeader(await session.commit())
}

async function signIn(sessions: Sessions, user: string): Promise<string> {
  const session = await sessions.open(undefined)
  session.set('user', user)
  await session.login(`${user}'s owner`, { keep: ['user'] })
  return cookieHeader(await session.commit())
}

/** Sockets of one process, whose sessions end by this one. */
async function endsElsewhere(place: string, store: SessionStore): Promise<void> {
  const sessions = createSessions({ store })
  const port = Number(await startChild(new URL('children/socket-server.ts', import.meta.url), place).line())
  const cookies = await Promise.all([
    ...['out', 'moves', 'expires'].map((user) => begin(sessions, user)),
    ...['signs out', 'moved', 'revoked'].map((user) => signIn(sessions, user)),
    begin(sessions, 'stays'),
  ])
  const [out, moves, expires, signsOut, moved] = await Promise.all(
    cookies.map((cookie) => sessions.open(cookie)),
  )
  const sockets = await Promise.all(cookies.map((cookie) => Socket.open(port, cookie)))
  const since = performance.now()
  await out!.destroy()
  await moves!.rotate()
  await moves!.commit()
  expires!.setExpiry(new Date(Date.now() + 1000))
  await expires!.save()
  await signsOut!.logout()
  await moved!.login("somebody else's")
  await sessions.revokeAll("revoked's owner")
  const stays = sockets.pop()!
  expect(await Promise.all(sockets.map(({ said }) => said))).toEqual([
    'hello out, ended: undefined',
    'hello moves, ended: rotated',
    // The look may come too late to have seen the new expiry.
    expect.stringMatching(/^hello expires, ended: (?:expired|undefined)$/),
    'hello signs out, ended: signed-out',
    'hello moved, ended: rotated',
    'hello revoked, ended: revoked',
  ])
  expect(performance.now() - since).toBeLessThan(LOOK + BUSY)
  expect(stays.isOpen).toBe(true)
  stays.close()
  await sessions.close()
}

test('sockets of another process are closed within a look of the end of their session, in files', async () => {
  const directory = temporaryDirectory()
  await endsElsewhere(directory, fileStore(directory, { sweepEvery: 0 }))
})

if (whole) {
  await describeWith('on Redis', startRedis, ({ url }) => {
    test('they are closed as well', async () => {
      const client = await createClient({ url })
        .on('error', () => {})
        .connect()
      onTestFinished(() => client.destroy())
      await endsElsewhere(url, redisStore({ client }))
    })
  })

  await describeWith('on PostgreSQL', startPostgres, ({ url }) => {
    test('they are closed as well', async () => {
      const pool = new pg.Pool({ connectionString: url }).on('error', () => {})
      onTestFinished(() => pool.end())
      const store = postgresStore({ pool, sweepEvery: 0 })
      await store.createTable()
      await endsElsewhere(url, store)
    })
  })
}

test('who listens keeps no process alive', async () => {
  const child = startChild(new URL('children/listener.ts', import.meta.url), temporaryDirectory())
  expect(await child.line()).toBe('listening')
  const since = performance.now()
  await child.ended()
  expect(performance.now() - since).toBeLessThan(LOOK)
})
