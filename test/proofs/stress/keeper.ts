import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * A shell that stops processes and lets them go on. It outlives this process for as long as one of them is stopped: a
 * stopped process notices no death of its parent. Then it sees to what the parent had no time for, if it was killed: a
 * file system that is still mounted, a folder of the repository.
 */
const SCRIPT = `
trap '' INT HUP TERM
while read -r pid seconds; do
  ( kill -STOP "$pid"; sleep "$seconds"; kill -CONT "$pid"; echo "$pid" ) 2>/dev/null &
done
wait
[ -z "$2" ] || ! mountpoint -q "$2" || umount -l "$2"
rm -rf "$1"
`

export interface Keeper {
  /** Stops a process; resolves when it was let go. */
  stop(pid: number, ms: number): Promise<void>
  /** Resolves when the shell is gone, and with it the mount. */
  end(): Promise<void>
}

export function startKeeper(folder: string, mount: string | undefined): Keeper {
  const shell = spawn('sh', ['-c', SCRIPT, 'keeper', folder, mount ?? ''], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // out of reach of Ctrl-C
  })
  const exited = once(shell, 'exit')
  const waiting = new Map<number, () => void>()
  createInterface({ input: shell.stdout }).on('line', (line) => {
    waiting.get(Number(line))?.()
    waiting.delete(Number(line))
  })
  return {
    async stop(pid, ms) {
      const released = new Promise<void>((resolve) => waiting.set(pid, resolve))
      shell.stdin.write(`${pid} ${ms / 1000}\n`)
      await released
    },
    async end() {
      shell.stdin.end()
      await exited
    },
  }
}
