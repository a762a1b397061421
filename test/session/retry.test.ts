import { expect, test } from 'vitest'
import { run } from '../../src/contract/wait.ts'
import { SessionConflictError } from '../../src/index.ts'
import { beforeNextTry } from '../../src/session/retry.ts'
import { checkOptions } from '../../src/sessions/check-options.ts'

test('between tries others get a moment after the third, and none with a synchronous store', async () => {
  const settings = checkOptions({})
  for (const tries of [1, 2, 3, 4, 50, 100]) {
    expect(run(beforeNextTry(settings, tries, false))).toBeUndefined()
    const pause = run(beforeNextTry(settings, tries, true))
    expect(pause instanceof Promise).toBe(tries > 3)
    await pause
  }
  expect(() => run(beforeNextTry(settings, 101, true))).toThrow(SessionConflictError)
})
