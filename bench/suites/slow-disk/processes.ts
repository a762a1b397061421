import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CandidateName } from './candidates.ts'
import type { Run } from './load.ts'
import type { Answer, Command } from './worker.ts'

/** A candidate in a process of its own. */
export interface Worker {
  tell(command: Command): Promise<Run | undefined>
  stop(): Promise<void>
}

export function startWorker(name: CandidateName): Worker {
  const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [name])
  const stop = stopOf(child)
  let answered = (_answer: Answer): void => {}
  child.on('message', (answer: Answer) => answered(answer))
  child.once('exit', () => answered({ failed: 'its process has ended' }))
  return {
    async tell(command) {
      const answer = await new Promise<Answer>((resolve) => {
        answered = resolve
        child.send(command)
      })
      if ('failed' in answer) throw new Error(`${name}: ${answer.failed}`)
      return answer.done
    },
    stop,
  }
}

/** Somebody else on the same disk. */
export interface Neighbour {
  stop(): Promise<void>
}

/** Reads a device past the page cache, one block after another, for as long as it may. */
export function reader(device: string): Neighbour {
  return dd([`if=${device}`, 'of=/dev/null', 'bs=4096', 'iflag=direct'])
}

/** Lets a file grow and syncs it each time: one commit of the file system's journal after another. */
export function writer(directory: string): Neighbour {
  return dd(['if=/dev/zero', `of=${join(directory, 'neighbour')}`, 'bs=64k', 'count=4000', 'oflag=dsync'])
}

function dd(args: string[]): Neighbour {
  return { stop: stopOf(spawn('dd', args, { stdio: 'ignore' })) }
}

/** Ends a process, and waits until it is gone. It ends with this one at the latest. */
function stopOf(child: ChildProcess): () => Promise<void> {
  const gone = once(child, 'exit')
  const kill = (): void => void child.kill('SIGKILL')
  process.prependOnceListener('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return async () => {
    kill()
    await gone
  }
}
