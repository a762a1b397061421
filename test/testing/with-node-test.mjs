// What the docstring of storeConformance shows, as a program: `node --test` runs it on the package as it ships.
import { test } from 'node:test'
import { memoryStore } from 'untorn/memory'
import { storeConformance } from 'untorn/testing'

const cases = storeConformance({
  open: () => memoryStore(),
  without: { reopen: 'nobody else sees the memory of this process' },
})
for (const { title, run, skip } of cases) test(title, { skip }, run)
