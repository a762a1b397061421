import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { StoreBusyError } from '../../../src/errors.ts'
import { systemHolders } from '../../../src/stores/file/holder.ts'
import { compiled, startChild, startChildBy } from '../../support/child.ts'
import { newKey, newRecord, texts } from '../../support/records.ts'
import { openStore } from './file-stores.ts'

const SCRIPT = new URL('./children/hold-seal.ts', import.meta.url)

async function sessionWith() {
  const store = openStore({ options: { busyTimeout: '300ms' } })
  const key = newKey()
  await store.create(key, newRecord({ user: 'Ada' }))
  return { store, key, lines: () => Number(store.load(key)?.values.get('n')) }
}

describe('a real process that stops between the seal and the rename of a fold', () => {
  test('is waited for while it lives, stopped or not, and replaced when it was killed; nothing is lost', async () => {
    const { store, key, lines } = await sessionWith()
    const child = startChild(SCRIPT, store.directory, key)
    expect(await child.line()).toBe('sealed')
    const saved = lines()
    expect(saved).toBeGreaterThan(10)
    await expect(store.save(key, { set: texts({ mine: 1 }) })).rejects.toBeInstanceOf(StoreBusyError)
    child.process.kill('SIGSTOP')
    await expect(store.save(key, { set: texts({ mine: 1 }) })).rejects.toBeInstanceOf(StoreBusyError)
    expect(store.stats.takeOvers).toBe(0)

    child.process.kill('SIGKILL')
    await once(child.process, 'exit')
    expect(await store.save(key, { set: texts({ mine: 2 }) })).toMatchObject({ outcome: 'saved' })
    expect(store.stats.takeOvers).toBe(1)
    expect(lines()).toBe(saved)
    expect(store.load(key)?.version).toBe(saved + 1)
  })

  test('or a worker thread that was terminated, while its process lives on', async () => {
    const { store, key, lines } = await sessionWith()
    const worker = startWorker(SCRIPT, [store.directory, key])
    expect(await once(worker, 'message')).toEqual(['sealed'])
    const saved = lines()
    await expect(store.save(key, { set: texts({ mine: 1 }) })).rejects.toBeInstanceOf(StoreBusyError)
    expect(store.stats.takeOvers).toBe(0)

    await worker.terminate()
    expect(await store.save(key, { set: texts({ mine: 2 }) })).toMatchObject({ outcome: 'saved' })
    expect(store.stats.takeOvers).toBe(1)
    expect(lines()).toBe(saved)
  })
})

describe('a process in a time namespace of its own, which sees every process start at another time', () => {
  test('is waited for while it lives, and its journal is not taken over', async ({ skip }) => {
    const shifted = ['--time', '--boottime', '1000', '--fork', '--kill-child']
    const { status, stderr } = spawnSync('unshare', [...shifted, 'true'], { encoding: 'utf8' })
    if (status !== 0) skip(`A time namespace takes root, and Linux 5.6: ${stderr || 'there is no unshare'}`)
    const { store, key, lines } = await sessionWith()
    const child = startChildBy('unshare', shifted, SCRIPT, store.directory, key)
    expect(await child.line()).toBe('sealed')
    const saved = lines()
    await expect(store.save(key, { set: texts({ mine: 1 }) })).rejects.toBeInstanceOf(StoreBusyError)
    expect(store.stats.takeOvers).toBe(0)
    expect(lines()).toBe(saved)
  })

  test.skipIf(!existsSync('/proc/self/ns/time'))(
    'can not be looked at, alive or not (from Linux 5.6 on)',
    () => {
      const holders = systemHolders('ours')
      onTestFinished(() => holders.retire())
      const { self } = holders
      const parent = { ...self, store: 'theirs', pid: process.ppid, thread: process.ppid, started: '12345' }
      expect(holders.status(parent)).toBe('dead')
      expect(self.space).toMatch(/^pid:\[\d+\] time:\[\d+\]$/)
      const elsewhere = self.space.replace(/time:.*/, 'time:[1]')
      expect(holders.status({ ...parent, space: elsewhere })).toBe('unknown')
      // A release of before, or a system that has no such namespaces, does not say in which one it is.
      expect(holders.status({ ...parent, space: self.space.replace(/ time:.*/, '') })).toBe('unknown')
    },
  )
})

describe('worker threads of one process', () => {
  test('share a directory as processes do, and lose no conditional increment', async () => {
    const { store, key } = await sessionWith()
    await store.save(key, { set: texts({ count: 0 }) })
    const script = new URL('./children/increment-in-thread.ts', import.meta.url)
    const workers = [1, 2].map(() => startWorker(script, [store.directory, key, 2000]))
    const folds = await Promise.all(
      workers.map(async (worker) => ((await once(worker, 'message')) as [number])[0]),
    )
    expect(store.load(key)?.values.get('count')).toBe('4000')
    expect(folds[0]! + folds[1]!).toBeGreaterThan(0)
  })
})

function startWorker(script: URL, workerData: unknown): Worker {
  const worker = new Worker(compiled(script), { workerData })
  onTestFinished(async () => void (await worker.terminate()))
  return worker
}
