import { expect, test } from 'vitest'
import { copySessions, verifySessions } from '../../../src/copy.ts'
import { fileStore } from '../../../src/file.ts'
import { createSessions, type SessionStore, sessionKey } from '../../../src/index.ts'
import { moveSessions, moving } from '../../../src/moving.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { describeWith } from '../../support/servers/needed.ts'
import { startRedis } from '../../support/servers/redis.ts'
import { onlyInShort } from '../../support/whole.ts'
import { DRIVERS } from './clients.ts'
import { connect, openStore } from './on-redis.ts'

/** Names that a page may take from outside: cut in the middle of an emoji, or worse. */
const ODD = [
  '\ud83e',
  'half of \udd8a',
  '',
  '\0',
  'nul\0in it',
  '\u0001',
  '\u0001\\ud83e',
  '__proto__',
  'x'.repeat(10_000),
]

async function visit(store: SessionStore, cookie: string | undefined) {
  return createSessions({ store }).open(cookie)
}

/** Sets a value under each odd name. Returns the Cookie header. */
async function begin(store: SessionStore): Promise<string> {
  const session = await visit(store, undefined)
  for (const name of ODD) session.set(name, { name })
  await session.commit()
  return `__Host-sid=${session.id}`
}

async function assertKept(
  store: SessionStore,
  cookie: string,
  more: [string, unknown][] = [],
): Promise<void> {
  const session = await visit(store, cookie)
  const expected = [...ODD.map((name): [string, unknown] => [name, { name }]), ...more]
  expect(new Map(session.entries())).toEqual(new Map(expected))
}

await describeWith('values with odd names in Redis', startRedis, ({ port }) => {
  test.each(Object.entries(onlyInShort(DRIVERS, 'ioredis')))(
    'are values like others, over %s',
    async (_, driver) => {
      const { client, close } = await driver(port)
      try {
        const store = openStore(client)
        const cookie = await begin(store)
        await assertKept(store, cookie)
        const session = await visit(store, cookie)
        expect(await session.take('\ud83e')).toEqual({ name: '\ud83e' })
        session.update('half of \udd8a', () => 'another')
        session.delete('\u0001')
        await session.commit()
        const again = await visit(store, cookie)
        expect([again.has('\ud83e'), again.get('half of \udd8a'), again.has('\u0001')]).toEqual([
          false,
          'another',
          false,
        ])
        expect(again.keys()).toHaveLength(ODD.length - 2)
      } finally {
        await close()
      }
    },
  )

  test('come along when sessions are copied there, or moved while they are used', async () => {
    const from = fileStore(temporaryDirectory(), { sweepEvery: 0 })
    const cookie = await begin(from)
    const copy = openStore(connect(port))
    expect(await copySessions({ from, to: copy })).toMatchObject({ seen: 1, copied: 1, refused: 0 })
    expect(await verifySessions({ from, to: copy })).toMatchObject({ ok: true, same: 1 })
    await assertKept(copy, cookie)

    const to = openStore(connect(port))
    const both = moving({ from, to })
    const session = await visit(both, cookie)
    session.set('\udd8a', 1)
    await session.commit()
    await assertKept(both, cookie, [['\udd8a', 1]])
    const another = await begin(from)
    expect(await moveSessions({ from, to })).toMatchObject({ moved: 1, left: 0 })
    await assertKept(to, cookie, [['\udd8a', 1]])
    await assertKept(to, another)
    await from.close()
  })

  test('of an earlier release that begin as an escaped one does are read as they were', async () => {
    const client = connect(port)
    const store = openStore(client)
    const id = 'a'.repeat(43)
    const key = `${store.prefix}${sessionKey(id)}`
    const now = Date.now()
    await client.hset(key, 'meta', `1 0 ${now} ${now + 3_600_000}`, '.\u0001user', '"ada"', '.b', '\u0001')
    expect((await store.load(sessionKey(id)))!.values).toEqual(
      new Map([
        ['\u0001user', '"ada"'],
        ['b', '\u0001'],
      ]),
    )
    await store.save(sessionKey(id), { set: new Map([['\u0001user', '"eve"']]) })
    expect(await client.hget(key, '.\u0001user')).toBe('"eve"')
  })
})
