import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { Progress } from '../../contract/store.ts'
import { type Case, group, type Stage } from '../case.ts'
import { assertAbsent, assertStored } from '../looks.ts'
import { longPast, put, putMany, type Stored, shortLives } from '../samples.ts'

interface Mixed {
  live: Stored[]
  expired: Stored[]
}

async function mixed({ there }: Stage): Promise<Mixed> {
  return { live: await putMany(7, there), expired: await putMany(5, there, { expiresAt: longPast() }) }
}

async function assertSwept(stage: Stage, { live, expired }: Mixed): Promise<void> {
  await assertStored(stage, ...live)
  for (const { key } of expired) await assertAbsent(stage, key)
}

export const swept: Case[] = [
  ...group('swept', {
    'a sweep leaves every live session as it is': async (stage) => {
      const sessions = await mixed(stage)
      await stage.here.clearExpired()
      await assertSwept(stage, sessions)
    },
    'a sweep reports its progress to the end, with the counts that it returns': async (stage) => {
      const sessions = await mixed(stage)
      const reports: Progress[] = []
      const { scanned, removed } = await stage.here.clearExpired({
        onProgress: (report) => reports.push({ ...report }),
      })
      const last = reports.at(-1)
      assert.ok(last, 'progress is reported at least once')
      assert.deepEqual(last, { done: last.total, total: last.total, scanned, removed })
      for (const [index, report] of reports.entries()) {
        const before = reports[index - 1] ?? { done: 0, scanned: 0, removed: 0 }
        assert.equal(report.total, last.total)
        assert.ok(
          report.done >= before.done && report.done <= report.total,
          'parts that are done rise to the total',
        )
        assert.ok(report.scanned >= before.scanned && report.removed >= before.removed, 'counts rise')
      }
      await assertSwept(stage, sessions)
    },
    'a sweep whose signal is already aborted rejects with its reason': async (stage) => {
      const sessions = await mixed(stage)
      const reason = new Error('no time for it')
      await assert.rejects(stage.here.clearExpired({ signal: AbortSignal.abort(reason) }), isThe(reason))
      await assertSwept(stage, sessions)
    },
    'a sweep that is aborted midway rejects with the reason, and leaves every live session': async (
      stage,
    ) => {
      const sessions = await mixed(stage)
      const reason = new Error('no more time')
      const aborter = new AbortController()
      let midway = false
      const sweep = stage.here.clearExpired({
        signal: aborter.signal,
        onProgress: ({ done, total }) => {
          midway ||= done < total
          if (midway) aborter.abort(reason)
        },
      })
      const error = await sweep.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      assert.equal(error, midway ? reason : undefined)
      await assertSwept(stage, sessions)
    },
    'a sweep that is aborted right after its start rejects with the reason, or is done': async (stage) => {
      const sessions = await mixed(stage)
      const reason = new Error('changed my mind')
      const aborter = new AbortController()
      const sweep = stage.here.clearExpired({ signal: aborter.signal })
      aborter.abort(reason)
      const rejected = await sweep.then(() => false, isThe(reason))
      if (!rejected) assert.equal((await stage.here.clearExpired()).removed, 0, 'it was done')
      await assertSwept(stage, sessions)
    },
    'sweeps at the same time do no harm': async (stage) => {
      const sessions = await mixed(stage)
      await Promise.all([stage.here.clearExpired(), stage.there.clearExpired(), stage.here.clearExpired()])
      await assertSwept(stage, sessions)
    },
  }),
  ...group(
    'swept',
    {
      'a sweep removes exactly what has expired, and says how much': async (stage) => {
        const sessions = await mixed(stage)
        const { scanned, removed } = await stage.here.clearExpired()
        assert.equal(removed, sessions.expired.length)
        assert.ok(scanned >= removed, 'what is removed has been looked at')
        await assertSwept(stage, sessions)
      },
      'a second sweep finds nothing left': async (stage) => {
        await mixed(stage)
        assert.equal((await stage.here.clearExpired()).removed, 5)
        assert.equal((await stage.there.clearExpired()).removed, 0)
      },
      'a sweep removes a session that a save has ended': async ({ here, there }) => {
        // Not at once: a store may remove one that a save leaves expired.
        for (const life of shortLives()) {
          const { key } = await put(there)
          await here.load(key)
          const expiresAt = Date.now() + life
          await there.save(key, { expiresAt })
          if (Date.now() >= expiresAt) continue
          while (Date.now() <= expiresAt) await delay(life)
          assert.ok((await here.clearExpired()).removed > 0, 'it is among what the sweep removed')
          return
        }
        assert.fail('a session could not be shortened before it expired')
      },
      'a sweep whose signal is already aborted removes nothing': async (stage) => {
        await mixed(stage)
        await assert.rejects(stage.here.clearExpired({ signal: AbortSignal.abort() }))
        assert.equal((await stage.here.clearExpired()).removed, 5)
      },
      'sweeps at the same time count each removed session once': async (stage) => {
        await mixed(stage)
        const counts = await Promise.all([stage.here.clearExpired(), stage.there.clearExpired()])
        assert.equal(counts[0].removed + counts[1].removed, 5)
      },
    },
    { needs: ['sweep'] },
  ),
]

function isThe(reason: Error): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.equal(thrown, reason)
    return true
  }
}
