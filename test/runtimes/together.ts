import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSessions } from 'untorn'
import { fileStore } from 'untorn/file'
import { started } from './asked.ts'
import type { Runtime } from './runtimes.ts'

/** What became of a session in which several runtimes have counted at the same time. */
export interface Counted {
  /** What all of them together have added up to, and what they should have. */
  readonly sum: number
  readonly wanted: number
  /** The same of each one's own counter. */
  readonly own: Readonly<Record<string, number>>
}

/** Lets every runtime count so many times, over one directory: all begin when the last one is ready. */
export async function together(all: readonly Runtime[], times: number): Promise<Counted> {
  const directory = mkdtempSync(join(tmpdir(), 'untorn-runtimes-'))
  const store = fileStore(join(directory, 'sessions'), { sweepEvery: 0 })
  const sessions = createSessions<Record<string, number>>({ store })
  try {
    const session = await sessions.open(undefined)
    session.set('all', 0)
    const [cookie] = (await session.commit())!.split(';') as [string]
    const go = join(directory, 'go')
    const processes = all.map((runtime) =>
      started(runtime, 'increments.js', store.directory, cookie, runtime.name, String(times), go),
    )
    await Promise.all(processes.map(({ ready }) => ready))
    writeFileSync(go, '')
    await Promise.all(processes.map(({ answer }) => answer))
    const counted = await sessions.open(cookie)
    const own = all.map(({ name }) => [name, counted.get(name) ?? 0] as const)
    return { sum: counted.get('all') ?? 0, wanted: times * all.length, own: Object.fromEntries(own) }
  } finally {
    await sessions.close()
    rmSync(directory, { recursive: true, force: true })
  }
}
