import { beforeEach, onTestFinished, vi } from 'vitest'
import { oneForAllCopies } from '../../src/across-copies.ts'

/** What is said once in a process is said once more. */
export function forgetWarnings(): void {
  oneForAllCopies('warnings', () => new Set<string>()).clear()
}

/** What the process warns of until the test has finished. */
export function warnings(): (Error & { code?: string; detail?: string })[] {
  const seen: Error[] = []
  const note = (warning: Error) => void seen.push(warning)
  process.on('warning', note)
  onTestFinished(() => void process.off('warning', note))
  return seen
}

/** The texts that a test's process warns of, which are not printed: a list that begins anew with each test of the file. */
export function warningTexts(): string[] {
  const texts: string[] = []
  beforeEach(() => {
    texts.length = 0
    const note = ((message: string) => void texts.push(message)) as never
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(note)
    onTestFinished(() => warn.mockRestore())
  })
  return texts
}
