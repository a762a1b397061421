import { DefaultReporter, type TestCase, type TestModule, type TestSpecification } from 'vitest/node'

/** Of so few files each is listed, with its slow tests. */
const FEW = 5

/**
 * What failed, in full; what was skipped, by its reasons; a summary of the rest. Of a run of few files a line for each
 * as well. On a terminal it also shows how far the run is.
 */
export default class Summary extends DefaultReporter {
  #isShort = false

  override onTestRunStart(specifications: readonly TestSpecification[]): void {
    this.#isShort = specifications.length > FEW
    super.onTestRunStart(specifications)
  }

  override printTestModule(module: TestModule): void {
    if (!this.#isShort || module.state() === 'failed') super.printTestModule(module)
  }

  /** Of the thousands in one file nobody looks for those that passed. */
  override printTestCase(...args: Parameters<DefaultReporter['printTestCase']>): void {
    const [, test] = args
    if (!this.#isShort || test.result()?.state === 'failed') super.printTestCase(...args)
  }

  override onTestRunEnd(...args: Parameters<DefaultReporter['onTestRunEnd']>): void {
    const [modules] = args
    for (const line of skipsOf(modules)) this.log(line)
    super.onTestRunEnd(...args)
  }
}

/** A line for each reason, however many tests were skipped for it. */
function skipsOf(modules: readonly TestModule[]): string[] {
  const counts = new Map<string, number>()
  for (const module of modules) {
    for (const test of module.children.allTests('skipped')) {
      const reason = reasonOf(test) ?? `${module.relativeModuleId}: ${test.name}`
      counts.set(reason, (counts.get(reason) ?? 0) + 1)
    }
  }
  const lines = [...counts].map(([reason, count]) => `${String(count).padStart(8)}  ${reason}`)
  return lines.length === 0 ? [] : ['', ' Skipped', ...lines]
}

/** What the test said when it skipped itself, or else what its name says in brackets at its end. */
function reasonOf(test: TestCase): string | undefined {
  const result = test.result()
  if (result?.state === 'skipped' && result.note) return result.note
  return /\((.*)\)$/s.exec(test.name)?.[1]
}
