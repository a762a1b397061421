import { beforeEach, onTestFinished, vi } from 'vitest'

/** What the process warns of until the test has finished. A file that looks at it has a process of its own (vitest.config.ts). */
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
