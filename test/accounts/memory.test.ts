import { describe } from 'vitest'
import { memoryStore } from '../../src/memory.ts'
import { PlainStore } from '../support/plain-store.ts'
import { testAccounts } from './run-cases.ts'

describe('in memory', () => {
  testAccounts(
    () => {
      const store = memoryStore()
      return () => store
    },
    { oneOfEach: true },
  )
})

describe('in a store that answers later', () => {
  testAccounts(() => {
    const store = new PlainStore({ slow: true })
    return () => store
  })
})
