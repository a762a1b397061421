import { memoryStore } from '../../src/memory.ts'
import { testAccounts } from './run-cases.ts'

testAccounts(
  () => {
    const store = memoryStore()
    return () => store
  },
  { oneOfEach: true },
)
