import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Case, group } from '../case.ts'
import { assertAbsent, assertStored, nowOf } from '../looks.ts'
import { put } from '../samples.ts'

/** Milliseconds: more than any call takes on a busy machine, and less than a clock in another zone is off. */
const A_WHILE = 60_000

/** What `now` tells is by the clock that decides what has expired; without `now`, that of this process. */
export const clock: Case[] = group('clock', {
  'a session that expires at the time that it is has expired': async (stage) => {
    const { key } = await put(stage.there, { expiresAt: await nowOf(stage.here) })
    await assertAbsent(stage, key)
  },
  'a session that expires a minute after the time that it is is there': async (stage) => {
    const expiresAt = (await nowOf(stage.here)) + A_WHILE
    await assertStored(stage, await put(stage.there, { expiresAt }))
  },
  'the time goes on, by milliseconds': async ({ here }) => {
    const began = performance.now()
    const first = await nowOf(here)
    await sleep(100)
    const passed = (await nowOf(here)) - first
    const most = performance.now() - began
    assert.ok(passed > 50 && passed < most + 50, `${passed} ms should have passed, not more than ${most}`)
  },
})
