import { fileStore } from '../../src/file.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { testAccounts } from './run-cases.ts'

testAccounts(
  () => {
    const directory = temporaryDirectory()
    return () => fileStore(directory, { sweepEvery: 0 })
  },
  { oneOfEach: true },
)
