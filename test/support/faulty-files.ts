import type { Files } from '../../src/stores/file/files.ts'
import { nodeFiles } from '../../src/stores/file/node-files.ts'

type Call = keyof Files
type Interfere = (call: Call, args: readonly unknown[]) => unknown

/** The real files, with a look at every call before it is made, which may throw instead of it. */
export function watchedFiles(before: Interfere): Files {
  const watched = Object.entries(nodeFiles).map(([call, real]) => [
    call,
    (...args: unknown[]) => {
      before(call as Call, args)
      return (real as (...args: unknown[]) => unknown)(...args)
    },
  ])
  return Object.fromEntries(watched) as Files
}

/** A system error as Node makes them. */
export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made by the test`), { code })
}
