import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/servers/throw-away.ts'

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))

export interface RunningStall {
  /** Where it listens, without a slash at the end. */
  address: string
  /** Ends it, and removes its folder with the sessions. */
  stop(): Promise<void>
}

/** The example of a framework as a process of its own, in a folder of its own, once it answers. */
export async function startStall(name: string, command = ['app.js']): Promise<RunningStall> {
  const folder = mkdtempSync(join(tmpdir(), `untorn-${name}-`))
  const source = join(EXAMPLES, name)
  const isOwn = (path: string) => !['node_modules', '.sessions'].includes(basename(path))
  cpSync(source, folder, { recursive: true, filter: isOwn })
  symlinkSync(join(source, 'node_modules'), join(folder, 'node_modules'))
  // Not every framework tells which one it was given.
  const port = await freePort()
  const child = spawn(process.execPath, command, {
    cwd: folder,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const address = `http://127.0.0.1:${port}`
  await answering(address, child)
  return {
    address,
    async stop() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
      rmSync(folder, { recursive: true })
    },
  }
}

/** Asked, and not read from what it prints: some print their address before they listen. */
async function answering(address: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const answer = await fetch(address).catch(() => undefined)
    if (answer?.ok) return
    await delay(50)
  }
  throw new Error(`The example ended with code ${child.exitCode} before it answered.`)
}
