import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { compiled } from '../../../support/child.ts'
import { temporaryDirectory } from '../../../support/directory.ts'

const SCRIPT = compiled(new URL('./children/few-descriptors.ts', import.meta.url))

/** What a process says that may have this many files open, with a store that would keep a thousand. */
async function report(limit: number, durability: string): Promise<unknown> {
  const command = `ulimit -n ${limit}; exec "$0" "$@"`
  const args = ['-c', command, process.execPath, SCRIPT, temporaryDirectory(), durability]
  const child = spawn('/bin/sh', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part
  })
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  return JSON.parse(text)
}

test.for(['process', 'disk'])(
  "with few descriptors the store keeps fewer sessions open; without any it says so, durability '%s'",
  async (durability) => {
    const { kept, leftOpen, ...rest } = (await report(64, durability)) as { kept: number; leftOpen: number }
    // Node.js itself may have closed something meanwhile.
    expect(leftOpen).toBeLessThanOrEqual(0)
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(64)
    expect(rest).toEqual({
      created: 200,
      saved: 200,
      loaded: 200,
      loadedAtOnce: 200,
      listed: 200,
      byOneThatKeepsNone: {
        code: 'UNTORN_STORE_UNAVAILABLE',
        cause: 'EMFILE',
        message: expect.stringContaining('raise `ulimit -n`, or lower the option `maxOpen`'),
      },
      byOneThatKeepsSome: 'saved',
      afterwards: 'saved',
    })
  },
)
