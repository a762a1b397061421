import type { SessionStore } from '../contract/store.ts'
import type { MaybePromise } from '../contract/wait.ts'
import { asFunction, asObject, asOptions } from '../options/checks.ts'
import type { Capability, Case } from './case.ts'
import { absent } from './cases/absent.ts'
import { clock } from './cases/clock.ts'
import { counted } from './cases/counted.ts'
import { exact } from './cases/exact.ts'
import { exactlyOnce } from './cases/exactly-once.ts'
import { expiry } from './cases/expiry.ts'
import { freeAgain } from './cases/free-again.ts'
import { givenId } from './cases/given-id.ts'
import { gone } from './cases/gone.ts'
import { isolation } from './cases/isolation.ts'
import { listed } from './cases/listed.ts'
import { live } from './cases/live.ts'
import { noSession } from './cases/no-session.ts'
import { nothingLost } from './cases/nothing-lost.ts'
import { opened } from './cases/opened.ts'
import { refused } from './cases/refused.ts'
import { swept } from './cases/swept.ts'
import { version } from './cases/version.ts'
import { declared, type Lacks } from './declared.ts'
import { onStage } from './stage.ts'

/** How {@link storeConformance} opens the store that it tests, and what that store does without. */
export interface ConformanceOptions<Store extends SessionStore = SessionStore> {
  /** A fresh, empty store over data that no other one has. Called for each case; the suite closes what it opens. */
  open(): MaybePromise<Store>

  /**
   * A second store object over the same data, as another process would have one. Each case is then also run through
   * both: one changes what the other has seen before. The suite closes it too. Left out: `without.reopen` says why.
   */
  reopen?(store: Store): MaybePromise<SessionStore>

  /**
   * What the store lacks, each with the reason, which the skipped cases carry: `byOwner` (it can't look by owner), `count`
   * (it can't count without reading), `reopen` (nobody else sees its data), `sweep` (expired sessions go by themselves, so
   * that a sweep may find none). Default: nothing. To name what the store has, or what no case needs, fails a case.
   *
   * A store without `now` goes by the clock of this process, which is checked like any other.
   */
  without?: Lacks
}

/** One promise to check, for any test runner. */
export interface ConformanceCase {
  /** The promise, in a user's words; no two cases share one. */
  title: string
  /** Why the case can't be run with this store. Absent: run it. */
  skip?: string
  /** Rejects, with an `AssertionError` where the store broke the promise, or with what the store threw. */
  run: () => Promise<void>
}

/**
 * What a session store promises (see {@link SessionStore}), as cases for any test runner.
 *
 * Cases are independent: each opens stores of its own, so they may run at the same time. They wait for real clocks (a
 * few tens of milliseconds where a session has to expire), so leave fake timers off.
 *
 * With node:test:
 *
 * ```ts
 * import { test } from 'node:test'
 * import { storeConformance } from 'untorn/testing'
 *
 * const cases = storeConformance({
 *   open: () => myStore({ prefix: randomUUID() }),
 *   reopen: (store) => myStore({ prefix: store.prefix }),
 *   without: { byOwner: 'the server has no index by owner' },
 * })
 * for (const { title, run, skip } of cases) test(title, { skip }, run)
 * ```
 *
 * With vitest or jest, whose `skip` takes no reason:
 *
 * ```ts
 * for (const { title, run, skip } of cases) {
 *   if (skip) test.skip(`${title} (${skip})`, run)
 *   else test(title, run)
 * }
 * ```
 *
 * A case fails where its promise is broken. One fails, too, where a capability is missing that `without` doesn't
 * name, so that no case is left out unnoticed.
 *
 * Throws `InvalidOptionError` (`UNTORN_INVALID_OPTION`) for an option that is unknown or can't be used.
 */
export function storeConformance<Store extends SessionStore>(
  options: ConformanceOptions<Store>,
): ConformanceCase[] {
  const { open, reopen, without = {} } = asOptions(options, ['open', 'reopen', 'without'])
  asFunction('open', open)
  if (reopen !== undefined) asFunction('reopen', reopen)
  const lacks: Lacks = asObject('without', without)
  return allCases(lacks, reopen !== undefined).flatMap((each) =>
    (['one', 'two'] as const)
      .filter((objects) => each.objects === 'either' || each.objects === objects)
      .map((objects) => forRunner(each, objects, options)),
  )
}

function allCases(without: Lacks, canReopen: boolean): Case[] {
  return [
    ...opened,
    ...declared(without, canReopen),
    ...live,
    ...exact,
    ...version,
    ...nothingLost,
    ...exactlyOnce,
    ...gone,
    ...absent,
    ...expiry,
    ...isolation,
    ...swept,
    ...listed,
    ...counted,
    ...noSession,
    ...freeAgain,
    ...clock,
    ...givenId,
    ...refused,
  ]
}

function forRunner<Store extends SessionStore>(
  { title, objects: wanted, needs, check }: Case,
  objects: 'one' | 'two',
  options: ConformanceOptions<Store>,
): ConformanceCase {
  const skip = reasonToSkip(objects === 'two' ? [...needs, 'reopen'] : needs, options)
  return {
    title: wanted === 'either' && objects === 'two' ? `${title}, through two store objects` : title,
    ...(skip !== undefined && { skip }),
    run: () => onStage(options, objects, check),
  }
}

function reasonToSkip<Store extends SessionStore>(
  needs: readonly Capability[],
  { reopen, without = {} }: ConformanceOptions<Store>,
): string | undefined {
  for (const need of needs) {
    const reason = without[need]
    if (reason !== undefined) return `without ${need}: ${reason}`
  }
  // Without the option these can't run; that no reason was given for it fails a case of its own.
  return needs.includes('reopen') && !reopen ? 'without reopen, and no reason given' : undefined
}
