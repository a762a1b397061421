import type { Files } from '../../../src/stores/file/files.ts'
import type { Ground } from '../../../src/stores/file/ground.ts'

/** What a process asks of the simulated system: a call of a port, the time of day, or a look at another process. */
export type CallName = keyof Files | keyof Ground | 'now' | 'holderStatus' | 'retire' | 'removeDirectory'

export interface Call {
  readonly name: CallName
  readonly args: readonly unknown[]
}

/** What the system answered. */
export type Answer = { readonly value: unknown } | { readonly error: string }

/** Calls that a thread pool carries out while their process goes on. */
const POOLED: ReadonlySet<CallName> = new Set(['list', 'sync', 'syncDirectory', 'warm'])

export function isPooled({ name }: Call): boolean {
  return POOLED.has(name)
}

const errors = new Map<string, NodeJS.ErrnoException>()

/** Where Node knows no name for an error, it says its number: here that of a used-up quota, on Linux. */
export const NAMELESS = 'Unknown system error -122'

/** A system error as Node makes them. One for each code: taking a stack would cost more than all the rest. */
export function systemError(code: string): NodeJS.ErrnoException {
  let error = errors.get(code)
  if (!error) {
    error = Object.assign(new Error(`${code}: from the simulated system, '/sessions/aa/${'a'.repeat(62)}'`), {
      code,
      ...(code === NAMELESS && { errno: -122, syscall: 'simulated' }),
    })
    errors.set(code, error)
  }
  return error
}

/** Marks answers apart, as short as it can. */
export function answerKey(answer: Answer): string {
  if ('error' in answer) return answer.error
  const { value } = answer
  if (value === undefined) return ''
  return Buffer.isBuffer(value) ? `=${value.toString('latin1')}` : JSON.stringify(value)
}
