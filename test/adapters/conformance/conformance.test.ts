import { describe, test } from 'vitest'
import { type AdapterConformanceOptions, adapterConformance } from '../../../src/testing.ts'
import { adapters, lacks } from './sites.ts'

function testAdapter(options: AdapterConformanceOptions): void {
  for (const { title, run, skip } of adapterConformance(options)) {
    if (skip) test.skip(`${title} (${skip})`, run)
    else test(title, run)
  }
}

describe.each(Object.entries(adapters))('%s', (name, serve) => {
  const without = lacks[name]
  testAdapter({ serve, ...(without && { without }) })
})
