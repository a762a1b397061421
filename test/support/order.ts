import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * What has many seconds to itself in one file, or waits for that long: begun last, it would run when all else is over. In
 * a clean clone vitest knows no durations, and would go by the size of a file, which says little.
 */
const LONG = new RegExp(
  [
    '/test/(proofs|package|tools|examples|servers|accounts|frameworks|testing)/',
    '/(every-verb|every-call|contention|conformance|failover|under-load|random|faults|packages/types)',
  ].join('|'),
)

/**
 * Of these the ones that go through every order, or plant each fault, and those that build an application: a minute or more
 * each in the whole run, in files of a few lines.
 */
const LONGEST = new RegExp(
  [
    '/test/proofs/.*/(every-|faults|mutants|processes|over-http|random)',
    '/test/proofs/outages/(postgres|redis)',
    '/test/(testing|express-session|sockets)/(adapter-)?faults',
    '/test/frameworks/(next|nextjs-auth0|astro|sveltekit|tanstack-start)/',
    '/(nitro|examples/frameworks)\\.whole',
  ].join('|'),
)

/**
 * The long files first; where the durations of an earlier run are known, within that as vitest would have it. Before them
 * those that need a process each: a shared one ends where the next file can't go on in it.
 */
export default class Order extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const rank = ({ moduleId, project }: TestSpecification): number => {
      if (project.config.isolate) return 0
      if (LONGEST.test(moduleId)) return 1
      return LONG.test(moduleId) ? 2 : 3
    }
    return sorted.sort((one, other) => rank(one) - rank(other))
  }
}
