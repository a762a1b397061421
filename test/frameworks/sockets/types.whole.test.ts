import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

test.each(['sockets', 'astro', 'nextjs-auth0'])(
  'what hosts take by their types is what they are given: %s',
  (folder) => {
    const args = ['node_modules/typescript/bin/tsc', '-p', `test/frameworks/${folder}`]
    expect(spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }).stdout).toBe('')
  },
)
