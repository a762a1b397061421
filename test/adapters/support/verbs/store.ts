import { type SessionStore, StoreUnavailableError } from 'untorn'
import { memoryStore } from 'untorn/memory'

const CALLS = ['create', 'load', 'save', 'exists', 'delete'] as const
export type Call = (typeof CALLS)[number]

/** A store that answers at once or in a later turn, and fails in the calls that are named in `broken`. */
export function fragileStore(later: boolean): { store: SessionStore; broken: Set<Call> } {
  const memory = memoryStore()
  const broken = new Set<Call>()
  const calls = CALLS.map((call) => {
    const go = (args: unknown[]) => {
      if (broken.has(call)) throw new StoreUnavailableError('The disk is full.')
      return Reflect.apply(memory[call] as (...args: unknown[]) => unknown, memory, args)
    }
    const goLater = async (args: unknown[]) => {
      await new Promise(setImmediate)
      return go(args)
    }
    return [call, (...args: unknown[]) => (later ? goLater(args) : go(args))]
  })
  const rest = {
    loadsAtOnce: !later,
    clearExpired: () => memory.clearExpired(),
    records: () => memory.records(),
    close: () => memory.close(),
  }
  return { store: { ...Object.fromEntries(calls), ...rest } as SessionStore, broken }
}
