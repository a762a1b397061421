import { fileStore } from '../../src/file.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { testOverlaps } from './overlap/run-cases.ts'

testOverlaps(() => fileStore(temporaryDirectory(), { sweepEvery: 0 }))
