import { describe } from 'vitest'
import { memoryStore } from '../../src/memory.ts'
import { slowly } from '../adapters/support/stores.ts'
import { testOverlaps } from './overlap/run-cases.ts'

describe('memory', () => testOverlaps(memoryStore))
describe('a store far away', () => testOverlaps(() => slowly(memoryStore())))
