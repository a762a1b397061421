import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SessionKey } from '../../../src/contract/key.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { inWhole } from '../../support/whole.ts'
import { openStore } from './file-stores.ts'

const SCRIPT = fileURLToPath(new URL('./children/start-up.mjs', import.meta.url))

/** Anybody but root. */
const USER = 12345

/** A process that is ready to open a store, and what it says when it has. */
interface Starting {
  process: ChildProcess
  /** Empty if it was killed. */
  told: Promise<{ calls: number; key: SessionKey } | undefined>
}

async function ready(directory: string, lastCall: number): Promise<Starting> {
  const child = spawn(process.execPath, [SCRIPT, directory, String(lastCall)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = once(child, 'exit')
  await lines.next()
  const told = lines.next().then(async ({ value, done }) => {
    const [code, signal] = await ended
    if (!done && code === 0) return JSON.parse(value)
    if (signal !== 'SIGKILL') throw new Error(`A start failed with exit code ${code}.`)
    return undefined
  })
  return { process: child, told }
}

/** Lets processes start on one directory at the same moment, each killed before one of its calls, or not (0). */
async function startAtOnce(directory: string, lastCalls: number[]) {
  const starting = await Promise.all(lastCalls.map((last) => ready(directory, last)))
  for (const { process } of starting) process.stdin!.write('go')
  return Promise.all(starting.map(({ told }) => told))
}

/** The next start: the directory is as good as any other, and has the sessions of those that lived. */
async function expectUsable(directory: string, keys: SessionKey[]): Promise<void> {
  const store = openStore({ directory })
  expect(JSON.parse(readFileSync(join(directory, 'untorn.json'), 'utf8'))).toMatchObject({ format: 1 })
  for (const key of keys) expect(store.load(key)).toBeDefined()
  const known = /^(untorn\.json(\.[0-9a-f]{16})?|[0-9a-f]{2})$/
  expect(readdirSync(directory).filter((name) => !known.test(name))).toEqual([])
  await store.close()
}

test.skipIf(process.geteuid?.() !== 0)(
  "a start with durability: 'disk' leaves out a parent that it may not read (needs root to set up)",
  async () => {
    const parent = temporaryDirectory()
    const directory = join(parent, 'sessions')
    mkdirSync(directory, { mode: 0o700 })
    chownSync(directory, USER, USER)
    chmodSync(parent, 0o711)
    process.seteuid!(USER)
    try {
      expect(() => readdirSync(parent)).toThrow('EACCES')
      await openStore({ directory, options: { durability: 'disk' } }).close()
    } finally {
      process.seteuid!(0)
    }
  },
)

test('what a killed start left behind is removed by a later one once it is a minute old, and not before', () => {
  const directory = temporaryDirectory()
  const [old, young] = ['untorn.json.0123456789abcdef', 'untorn.json.fedcba9876543210']
  for (const name of [old, young, 'untorn.json.bak']) writeFileSync(join(directory, name), '{"for')
  const ago = (ms: number): Date => new Date(Date.now() - ms)
  for (const name of [old, 'untorn.json.bak']) utimesSync(join(directory, name), ago(61_000), ago(61_000))
  utimesSync(join(directory, young), ago(50_000), ago(50_000))
  for (const _ of ['without a manifest', 'with one']) {
    openStore({ directory })
    expect(readdirSync(directory).sort()).toEqual(['untorn.json', 'untorn.json.bak', young])
    writeFileSync(join(directory, old), '{"for')
    utimesSync(join(directory, old), ago(61_000), ago(61_000))
  }
})

describe('processes that start at once on a directory that is not there yet', () => {
  test('and are killed at any point of their start leave one that the others and the next start can use', async () => {
    const folder = temporaryDirectory()
    const [alone] = await startAtOnce(join(folder, 'alone', 'sessions'), [0])
    const { calls } = alone!
    expect(calls).toBeGreaterThan(6)
    let killed = 0
    let rounds = 0
    // In the short run every third call: the simulation goes through all of them there, too.
    for (let call = 1; call <= calls; call += inWhole(1, 3)) {
      rounds++
      const another = ((call * 7) % calls) + 1
      const both = [
        [call, another],
        [call, 0],
      ].map(async (lastCalls, n) => {
        const directory = join(folder, `${call}-${n}`, 'sessions')
        const told = await startAtOnce(directory, lastCalls)
        killed += told.filter((each) => each === undefined).length
        await expectUsable(
          directory,
          told.flatMap((each) => each?.key ?? []),
        )
      })
      await Promise.all(both)
    }
    // One that finds the directory made by another has fewer calls to make, and may outlive its time.
    expect(killed).toBeGreaterThan(rounds)
  })
})
