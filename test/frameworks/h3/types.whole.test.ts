import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

test.each(['tsconfig.json', 'tsconfig.h3-1.json'])(
  'right uses compile, and wrong ones do not, by %s',
  (config) => {
    const compiler = path('../../../node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', path(config)], { encoding: 'utf8' })
    expect(stdout).toBe('')
  },
)
