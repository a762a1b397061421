import { describe, expect, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import { nodeClock } from '../../../src/stores/file/node-files.ts'
import { newKey, newRecord } from '../../support/records.ts'
import { openStore } from './file-stores.ts'

const SESSIONS = 600

/** A store of which each look at the clock takes half a millisecond, and how often it let others have their turn. */
async function stored() {
  const turns = { count: 0 }
  let time = 0
  const clock = {
    ...nodeClock,
    monotonic: () => (time += 0.5),
    pause: (ms: number) => {
      turns.count++
      return nodeClock.pause(ms)
    },
  }
  const store = openStore({ clock })
  // Many in one folder: while the names of the next folder are read, others have their turn anyway.
  for (let n = 0; n < SESSIONS; n++) {
    const key = `${n % 3}0${newKey().slice(2)}` as SessionKey
    await store.create(key, newRecord({}, { owner: `${n % 100}` }))
  }
  turns.count = 0
  return { store, turns }
}

async function numberOf(list: AsyncIterable<unknown>): Promise<number> {
  let met = 0
  for await (const _ of list) met++
  return met
}

describe('while somebody goes through all sessions, requests have their turn every few milliseconds', () => {
  test('for whom each is met', async () => {
    const { store, turns } = await stored()
    expect(await numberOf(store.records())).toBe(SESSIONS)
    expect(turns.count).toBeGreaterThan(SESSIONS / 10)
  })

  test("and for whom few or none are: one owner's", async () => {
    const { store, turns } = await stored()
    expect(await numberOf(store.byOwner('7'))).toBe(6)
    expect(turns.count).toBeGreaterThan(SESSIONS / 10)
    turns.count = 0
    expect(await numberOf(store.byOwner('nobody'))).toBe(0)
    expect(turns.count).toBeGreaterThan(SESSIONS / 10)
  })
})
