import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type FileStoreEvent, fileStore } from '../../src/file.ts'
import { sessionKey } from '../../src/index.ts'
import { serverOptions } from '../../src/stores/server/options.ts'
import { aWhile } from '../support/a-while.ts'
import { temporaryDirectory } from '../support/directory.ts'

afterEach(() => void vi.restoreAllMocks())

const FAILING: [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('the log is full')
    },
  ],
  [
    'is async and rejects',
    async () => {
      throw new Error('the log is full')
    },
  ],
]

describe.each(FAILING)('an onEvent that %s', (_how, onEvent) => {
  /** How often an unhandled rejection, which ends a process, was met meanwhile. */
  async function rejectionsIn(work: () => Promise<void>): Promise<number> {
    let count = 0
    const met = (): void => void count++
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', met)
    try {
      await work()
      await aWhile()
    } finally {
      process.off('unhandledRejection', met)
      for (const other of others) process.on('unhandledRejection', other)
    }
    return count
  }

  test('of a file store ends no process and breaks no load: it is a warning', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const directory = temporaryDirectory()
    const store = fileStore(directory, {
      sweepEvery: 0,
      onEvent: onEvent as (event: FileStoreEvent) => void,
    })
    const key = sessionKey('some id')
    await store.create(key, { values: new Map(), createdAt: 1, expiresAt: Date.now() + 60_000 })
    await store.close()
    const [shard] = readdirSync(directory).filter((name) => name.length === 2)
    const [journal] = readdirSync(join(directory, shard!))
    writeFileSync(join(directory, shard!, journal!), 'damaged\n')
    const again = fileStore(directory, { sweepEvery: 0, onEvent: onEvent as () => void })
    expect(await rejectionsIn(async () => void expect(again.load(key)).toBeUndefined())).toBe(0)
    await again.close()
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(/onEvent.* of the file store .*the log is full/),
      expect.objectContaining({ code: 'UNTORN_EVENT_HANDLER' }),
    )
  })

  test.each(['Redis', 'PostgreSQL'])('of the store on %s ends no process either', async (server) => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const { report } = serverOptions(server, { onEvent })
    const rejections = await rejectionsIn(async () => {
      report({ type: 'available', after: 1 })
      report({ type: 'available', after: 2 })
    })
    expect(rejections).toBe(0)
    // Others in the process may have something to warn of meanwhile.
    const ours = warn.mock.calls.filter(([, options]) => codeOf(options) === 'UNTORN_EVENT_HANDLER')
    expect(ours).toHaveLength(1)
    expect(ours[0]![0]).toMatch(new RegExp(`of the ${server} store`))
  })
})

const codeOf = (options: unknown) => (options as { code?: string } | undefined)?.code
