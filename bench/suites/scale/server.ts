import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import type { SessionKey } from 'untorn'
import type { SyncFileStore } from 'untorn/file'
import { tokenChanges } from '../../candidates/sample.ts'
import { fileStore } from '../../candidates/untorn.ts'
import { answerWith } from '../../measure/children.ts'
import { atOnce } from '../../measure/rounds.ts'
import { HOT, keyOf, loadedIndex, randomTurn, savedIndex } from './population.ts'

/** A process that serves sessions, as an application's does: nothing else is in its memory. */
export type ServeOrder =
  | { open: { directory: string; sessions: number } }
  | { time: { what: Timed; count: number } }
  | { sweep: true }
  | { serve: { milliseconds: number } }

export type Timed = 'load, hot' | 'load, cold' | 'save, hot' | 'save, at random'

export interface Served {
  /** Of {@link Timed}: for each. */
  microseconds?: number
  sweep?: Sweeping
  delay?: Delay
  /** Bytes at most so far, above the start. */
  memory: number
}

export interface Sweeping {
  seconds: number
  /** Of the processor, for the sweep and the requests beside it: less than `seconds` by what it waited. */
  cpuSeconds: number
  scanned: number
  removed: number
}

/** Of the event loop, milliseconds. */
export interface Delay {
  p50: number
  p99: number
  p999: number
  max: number
}

const atStart = process.memoryUsage.rss()
let memory = 0
let sessions: number
let store: SyncFileStore
/** Keeps one journal open, so that every load has to open and replay a file. */
let cold: SyncFileStore

const hotLoaded = Array.from({ length: HOT }, (_, turn) => keyOf(loadedIndex(turn)))
const hotSaved = Array.from({ length: HOT }, (_, turn) => keyOf(savedIndex(turn)))

answerWith(async (order: ServeOrder, tell): Promise<Served> => {
  const served = await serve(order, tell)
  notePeak()
  return { ...served, memory }
})

async function serve(order: ServeOrder, tell: (part: number) => void): Promise<Omit<Served, 'memory'>> {
  if ('open' in order) {
    sessions = order.open.sessions
    store = fileStore(order.open.directory, { sweepEvery: 0 })
    cold = fileStore(order.open.directory, { sweepEvery: 0, maxOpen: 1 })
    return {}
  }
  if ('time' in order) return { microseconds: timed(order.time.what, order.time.count) }
  if ('serve' in order) return { delay: (await withRequests(() => wait(order.serve.milliseconds))).delay }
  const { result, delay } = await withRequests(() => sweep(tell))
  checkLive()
  return { sweep: result, delay }
}

function notePeak(): void {
  memory = Math.max(memory, process.memoryUsage.rss() - atStart)
}

function timed(what: Timed, count: number): number {
  const keys = Array.from({ length: count }, () => keyFor(what))
  const started = performance.now()
  if (what === 'load, hot') for (const key of keys) load(store, key)
  else if (what === 'load, cold') for (const key of keys) load(cold, key)
  else for (let i = 0; i < count; i++) save(keys[i]!, i)
  return ((performance.now() - started) * 1000) / count
}

function keyFor(what: Timed): SessionKey {
  if (what === 'load, hot') return oneOf(hotLoaded)
  if (what === 'save, hot') return oneOf(hotSaved)
  return keyOf((what === 'load, cold' ? loadedIndex : savedIndex)(randomTurn(sessions)))
}

function oneOf(keys: readonly SessionKey[]): SessionKey {
  return keys[Math.floor(Math.random() * keys.length)]!
}

function load(from: SyncFileStore, key: SessionKey): void {
  if (from.load(key)?.values.size !== 3) throw new Error('A session is lost.')
}

function save(key: SessionKey, turn: number): void {
  if (atOnce(store.save(key, tokenChanges[turn % 2]!)).outcome !== 'saved')
    throw new Error('A save was lost.')
}

async function sweep(tell: (part: number) => void): Promise<Sweeping> {
  const started = performance.now()
  const cpuBefore = process.cpuUsage()
  const { scanned, removed } = await store.clearExpired({
    onProgress: ({ done, total }) => tell(done / total),
  })
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
    scanned,
    removed,
  }
}

const RESOLUTION_MS = 1

/**
 * Does something while requests come in, one in each millisecond (or when the event loop comes to it): a load and a
 * save of hot sessions. The delay is how much later than asked for a timer of one millisecond fires, again and again;
 * Node's histogram has the whole time between two firings, so one millisecond is taken off.
 */
async function withRequests<T>(run: () => Promise<T>): Promise<{ result: T; delay: Delay }> {
  let requests = 0
  const timer = setInterval(() => {
    load(store, oneOf(hotLoaded))
    save(oneOf(hotSaved), requests)
    if (requests++ % 20 === 0) notePeak()
  }, 1)
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  const result = await run()
  histogram.disable()
  clearInterval(timer)
  const ms = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
  const [p50, p99, p999] = [50, 99, 99.9].map((part) => ms(histogram.percentile(part)))
  return { result, delay: { p50: p50!, p99: p99!, p999: p999!, max: ms(histogram.max) } }
}

/** What was not expired is there. */
function checkLive(): void {
  for (let i = 0; i < 100; i++) load(cold, keyOf(loadedIndex(randomTurn(sessions))))
}
