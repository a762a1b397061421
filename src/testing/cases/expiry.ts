import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Case, group, type Stage } from '../case.ts'
import { assertAbsent, assertStored } from '../looks.ts'
import { HOUR, longPast, put, putMany, type Stored, shortLives, untilExpired } from '../samples.ts'

export const expiry: Case[] = group('expiry', {
  'an extended session outlives its first expiry': async (stage) => {
    for (const life of shortLives()) {
      const firstExpiry = Date.now() + life
      const { key, record } = await put(stage.here, { expiresAt: firstExpiry })
      await stage.here.load(key)
      const expiresAt = Date.now() + HOUR
      const { outcome } = await stage.there.save(key, { expiresAt })
      if (outcome === 'gone') continue
      await untilExpired(stage.there, firstExpiry)
      await stage.there.clearExpired()
      return assertStored(stage, { key, record: { ...record, expiresAt } })
    }
    assert.fail('a live session could not be extended')
  },
  'a shortened session ends at its new expiry': async (stage) => {
    const { key } = await put(stage.here)
    await stage.here.load(key)
    const expiresAt = Date.now() + 25
    await stage.there.save(key, { expiresAt })
    await untilExpired(stage.there, expiresAt)
    await assertAbsent(stage, key)
  },
  'a save that changes values and ends the session is its last': async (stage) => {
    const { key } = await put(stage.here)
    await stage.here.load(key)
    const change = { set: new Map([['user', '"Eve"']]), expiresAt: longPast() }
    assert.equal((await stage.there.save(key, change)).outcome, 'saved')
    await assertAbsent(stage, key)
    assert.equal((await stage.here.save(key, { expiresAt: Date.now() + HOUR })).outcome, 'gone')
    await assertAbsent(stage, key)
  },
  'a session that expires takes no other with it': async (stage) => {
    const live = await put(stage.here)
    const expiresAt = Date.now() + 25
    const short = await put(stage.here, { expiresAt })
    await untilExpired(stage.there, expiresAt)
    await assertAbsent(stage, short.key)
    await assertStored(stage, live)
  },
  'what is extended while sweeps are under way stays': async (stage) => {
    for (const life of shortLives()) {
      const expiresAt = Date.now() + life
      const sessions = await putMany(10, stage.here, { expiresAt })
      const { kept, gone } = await extendDuringSweeps(stage, sessions, life)
      await assertStored(stage, ...kept)
      for (const { key } of gone) await assertAbsent(stage, key)
      if (kept.length > 0) return
    }
    assert.fail('a live session could not be extended')
  },
})

/** Extends sessions one after the other during their short life, and sweeps until it is over. */
async function extendDuringSweeps({ here, there }: Stage, sessions: Stored[], life: number) {
  const expiresAt = Date.now() + HOUR
  const kept: Stored[] = []
  const gone: Stored[] = []
  const extend = async ({ key, record }: Stored, index: number) => {
    await sleep((index * life) / sessions.length)
    const { outcome } = await here.save(key, { expiresAt })
    if (outcome === 'saved') kept.push({ key, record: { ...record, expiresAt } })
    else gone.push({ key, record })
  }
  let extending = true
  const sweep = async () => {
    while (extending) {
      await there.clearExpired()
      // A store that sweeps without a wait would let no timer through.
      await sleep(1)
    }
  }
  const extensions = Promise.all(sessions.map(extend)).then(() => sleep(life / 2))
  await Promise.all([sweep(), extensions.finally(() => (extending = false))])
  return { kept, gone }
}
