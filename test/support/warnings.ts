import { onTestFinished } from 'vitest'

/** What the process warns of until the test has finished. A file that looks at it has a process of its own (vitest.config.ts). */
export function warnings(): (Error & { code?: string; detail?: string })[] {
  const seen: Error[] = []
  const note = (warning: Error) => void seen.push(warning)
  process.on('warning', note)
  onTestFinished(() => void process.off('warning', note))
  return seen
}
