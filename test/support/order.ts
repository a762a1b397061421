import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * What has many seconds to itself in one file, or waits for that long: begun last, it would run when all else is over. In
 * a clean clone vitest knows no durations, and would go by the size of a file, which says little.
 */
const LONG =
  /\/test\/(proofs|package|tools|examples|servers|accounts)\/|\/(every-verb|every-call|contention|conformance|failover)/

/** The long files first; where the durations of an earlier run are known, as vitest would have it. */
export default class Order extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
