import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { type SessionKey, sessionKey } from '../../../../../src/contract/key.ts'
import type { SessionStore } from '../../../../../src/contract/store.ts'
import { run } from '../../../../../src/contract/wait.ts'
import { isMarked } from '../../../../../src/stores/over/moving/marks.ts'
import { move } from '../../../../../src/stores/over/moving/move.ts'
import { compiled } from '../../../../support/child.ts'
import { temporaryDirectory } from '../../../../support/directory.ts'
import { newRecord } from '../../../../support/records.ts'
import type { Place } from './children/stores.ts'

const SESSIONS = 200
const PROCESSES = 3
/** In each process. */
const VISITORS = 6
/** Saves that stand, of each process, before the next step. */
const SAVES = 150

interface Worker {
  readonly tally: Tally
  /** How many saves of it stand. */
  readonly total: number
  killed: boolean
  stop(): Promise<void>
  /** With no time for anything; at most one count of each visitor stands that it did not tell. */
  kill(): Promise<void>
}

/** What has been saved, by session. */
interface Tally {
  counts: number[]
  /** By the value's name, the last one. */
  values: Map<string, number>[]
}

interface Places {
  from: Place
  to: Place
}

/**
 * An application of three processes moves as the documentation says, while its visitors go on; two of the processes die on
 * the way. `from` and `to` are stores over the places.
 */
export async function roll(places: Places, from: SessionStore, to: SessionStore): Promise<void> {
  const keys = Array.from({ length: SESSIONS }, (_, index) => sessionKey(`${Math.random()} ${index}`))
  for (const key of keys) await from.create(key, newRecord({ count: 0 }, { owner: 'ada' }))
  const file = join(temporaryDirectory(), 'keys')
  writeFileSync(file, keys.join('\n'))
  const workers: Worker[] = []
  let started = 0
  const start = async (writeTo: 'from' | 'to'): Promise<Worker> => {
    const worker = await startWorker(places, writeTo, `process ${started++}`, file)
    workers.push(worker)
    return worker
  }

  const first = await Promise.all(Array.from({ length: PROCESSES }, () => start('from')))
  await someSavesOf(first)
  const second: Worker[] = []
  for (const [index, worker] of first.entries()) {
    await (index === 1 ? worker.kill() : worker.stop())
    const next = await start('to')
    second.push(next)
    await someSavesOf([next])
  }
  // One more dies while it moves sessions, and is started again.
  await second[2]!.kill()
  second[2] = await start('to')
  await moveAll(from, to)
  await someSavesOf(second)
  for (const worker of second) await worker.stop()
  await moveAll(from, to)

  await expectAllIn(to, keys, workers)
  expect(await count(from)).toBe(0)
}

/** What `untorn move` does. */
async function moveAll(from: SessionStore, to: SessionStore): Promise<void> {
  for await (const [key] of from.records()) await run(move({ from, to }, key))
}

async function count(store: SessionStore): Promise<number> {
  let all = 0
  for await (const _ of store.records()) all++
  return all
}

async function expectAllIn(
  to: SessionStore,
  keys: readonly SessionKey[],
  workers: readonly Worker[],
): Promise<void> {
  const tallies = workers.map(({ tally, killed }) => ({ ...tally, killed }))
  let untold = 0
  for (const [index, key] of keys.entries()) {
    const record = await to.load(key)
    expect(record, 'nobody is signed out').toBeDefined()
    expect(isMarked(record!)).toBe(false)
    expect(record!.owner).toBe('ada')
    const told = tallies.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0)
    const more = Number(record!.values.get('count')) - told
    expect(more, 'no count is lost').toBeGreaterThanOrEqual(0)
    untold += more
    for (const { values, killed } of tallies) {
      for (const [name, last] of values[index] ?? []) {
        const lastSaved = killed ? [last, last + 1] : [last]
        expect(lastSaved, 'no value is lost').toContain(Number(record!.values.get(name)))
      }
    }
  }
  const killed = workers.filter((worker) => worker.killed).length
  expect(untold, 'nothing counts twice').toBeLessThanOrEqual(killed * VISITORS)
}

function tallyIn(lines: readonly string[]): Tally {
  const tally: Tally = { counts: [], values: [] }
  for (const line of lines) {
    const [, index, , name, value] = /^(\d+)( (.*) (\d+))?$/.exec(line)!
    const session = Number(index)
    if (name === undefined) tally.counts[session] = (tally.counts[session] ?? 0) + 1
    else tally.values[session] = new Map(tally.values[session]).set(name, Number(value))
  }
  return tally
}

async function someSavesOf(workers: readonly Worker[]): Promise<void> {
  const goals = workers.map(({ total }) => total + SAVES)
  while (workers.some(({ total }, index) => total < goals[index]!)) await delay(20)
}

async function startWorker(
  { from, to }: Places,
  writeTo: 'from' | 'to',
  name: string,
  file: string,
): Promise<Worker> {
  const script = compiled(new URL('./children/visitors.ts', import.meta.url))
  const tally = `${file} ${name}`
  writeFileSync(tally, '')
  const args = [script, from, to, writeTo, name, file, tally]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const exit = once(child, 'close')
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  const ready = once(createInterface({ input: child.stdout }), 'line')
  const early = exit.then(() => Promise.reject(new Error(`${name} ended before it was ready: ${said}`)))
  await Promise.race([ready, early])
  early.catch(() => {})
  const lines = (): string[] => readFileSync(tally, 'utf8').split('\n').slice(0, -1)
  const worker: Worker = {
    killed: false,
    get tally() {
      return tallyIn(lines())
    },
    get total() {
      if (child.exitCode) throw new Error(`${name} failed: ${said}`)
      return lines().length
    },
    async stop() {
      child.stdin.end('stop\n')
      const [code] = await exit
      expect(code, `${name} has found everything as it should be, and said ${JSON.stringify(said)}`).toBe(0)
    },
    async kill() {
      worker.killed = true
      child.kill('SIGKILL')
      await exit
    },
  }
  return worker
}
