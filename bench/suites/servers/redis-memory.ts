import { redisStore } from 'untorn/redis'
import { connectRedis, peerSession } from '../../candidates/express-session.ts'
import { newKey, newRecord, values } from '../../candidates/sample.ts'
import { inTurn } from '../../measure/rounds.ts'
import { spread } from '../../measure/statistics.ts'
import type { Row } from '../../suite.ts'
import { onLanes } from './lanes.ts'

const LANES = 64
const GROUP = 'Memory of Redis for each session'

/** Redis keeps a hash in one piece while no value of it is longer than this; its default, and one for sessions. */
const LISTPACK = { byDefault: 64, longer: 1024 } as const

export const memoryNames = {
  text: 'the values as one JSON text',
  bare: 'SET of that text, with an expiry',
  untorn: 'untorn',
  untornLonger: `untorn, hash-max-listpack-value ${LISTPACK.longer}`,
  peer: 'connect-redis',
} as const

/** By what the server needs more with so many sessions in it; it is emptied before each. */
export async function redisMemory(url: string, sessions: number): Promise<Row[]> {
  const { createClient } = await import('redis')
  const client = createClient({ url })
  await client.connect()
  const text = JSON.stringify(values)
  const store = redisStore({ client })
  const peer = connectRedis(client)
  const session = peerSession(values)

  const used = async (): Promise<number> =>
    Number(/^used_memory:(\d+)/m.exec((await client.info('memory')) as string)![1])
  const measured = async (
    name: string,
    once: () => Promise<unknown>,
    listpack: number = LISTPACK.byDefault,
  ): Promise<Row> => {
    await client.configSet('hash-max-listpack-value', `${listpack}`)
    await client.flushAll('SYNC')
    // A script has to be there before, to be no part of it.
    await onLanes(1, 1, once)
    const before = await used()
    await onLanes(LANES, sessions, once)
    return row(name, ((await used()) - before) / sessions)
  }

  try {
    return [
      row(memoryNames.text, text.length),
      await measured(memoryNames.bare, () =>
        client.set(`bare:${newKey()}`, text, { expiration: { type: 'PX', value: 1_800_000 } }),
      ),
      await measured(memoryNames.untorn, async () => store.create(newKey(), newRecord())),
      await measured(
        memoryNames.untornLonger,
        async () => store.create(newKey(), newRecord()),
        LISTPACK.longer,
      ),
      await measured(memoryNames.peer, () => inTurn(1, (done) => peer.set(newKey(), session, done))),
    ]
  } finally {
    await store.close()
    await client.configSet('hash-max-listpack-value', `${LISTPACK.byDefault}`)
    await client.flushAll('SYNC')
    await client.close()
  }
}

function row(name: string, bytes: number): Row {
  return { group: GROUP, name: `Redis: ${name}`, unit: 'bytes', value: spread([bytes]) }
}
