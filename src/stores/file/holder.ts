import { readFileSync, readlinkSync } from 'node:fs'
import { oneForAllCopies } from '../../across-copies.ts'
import type { Holder } from './journal/line.ts'

/** What can be told of a seal's holder. `unknown`: it runs, or ran, where this process can't look. */
export type HolderStatus = 'self' | 'alive' | 'dead' | 'unknown'

/** Who this store is, and whether others live; apart from the store so that a simulation can answer instead. */
export interface Holders {
  readonly self: Holder
  status(holder: Holder): HolderStatus
  /** The store does no more I/O: from now on it counts as dead. */
  retire(): void
}

/**
 * Stores of this very thread that are open: a closed one will never finish its fold. Of all copies of this code, as a fold
 * that is taken over while it goes on may lose a save.
 */
const openHere = oneForAllCopies('open-file-stores', () => new Set<string>())

/** {@link Holders} for the process and thread that this runs in. Asks the system at the first need only. */
export function systemHolders(store: string): Holders {
  openHere.add(store)
  let self: Holder | undefined
  const identify = (): Holder => {
    if (self) return self
    const found = { ...thisThread(), store }
    // What could not be found out now (out of descriptors, say) is asked for again.
    if (found.started !== '') self = found
    return found
  }
  return {
    get self() {
      return identify()
    },
    status: (holder) => (holder.store === store ? 'self' : statusOf(holder, identify())),
    retire: () => void openHere.delete(store),
  }
}

function statusOf(holder: Holder, self: Holder): HolderStatus {
  if (holder.boot !== self.boot || holder.space !== self.space) return 'unknown'
  if (openHere.has(holder.store)) return 'alive'
  if (holder.pid === self.pid && holder.thread === self.thread && holder.started === self.started) {
    // A store of this thread that was closed; where threads have no number of their own, perhaps one of another.
    return CAN_TELL_THREADS ? 'dead' : 'unknown'
  }
  // What is empty could not be found out: without a /proc of the own namespace, what it says is of other processes.
  if (holder.started === '' || self.started === '') return 'unknown'
  if (CAN_TELL_THREADS && (holder.boot === '' || holder.space === '')) return 'unknown'
  if (!processExists(holder.pid)) return 'dead'
  const started = startOf(holder.pid, holder.thread)
  if (started === '') return 'dead'
  if (started === undefined) return 'unknown'
  return started === holder.started ? 'alive' : 'dead'
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

const CAN_TELL_THREADS = process.platform === 'linux'

type Identity = Omit<Holder, 'store'>

function thisThread(): Identity {
  const { pid } = process
  if (CAN_TELL_THREADS) {
    // "<pid>/task/<tid>", as the kernel numbers the calling thread: workers can be told apart, and found dead.
    const thread = Number(
      attempt(() => readlinkSync('/proc/thread-self'))
        ?.split('/')
        .at(-1) ?? pid,
    )
    return {
      pid,
      thread,
      started: startOf(pid, thread) ?? '',
      boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '',
      space: namespaces(),
    }
  }
  const boot = process.platform === 'darwin' ? command('sysctl', ['-n', 'kern.bootsessionuuid']) : undefined
  return { pid, thread: pid, started: startOf(pid, pid) ?? '', boot: boot ?? '', space: '' }
}

/**
 * Where pids are the same, and times too: in a time namespace of its own a process is shown every start shifted by an
 * offset, and would take the living for others who have come to their numbers. Systems without those have one for all.
 */
function namespaces(): string {
  const pid = attempt(() => readlinkSync('/proc/self/ns/pid'))
  if (pid === undefined) return ''
  const time = attempt(() => readlinkSync('/proc/self/ns/time'))
  return time === undefined ? pid : `${pid} ${time}`
}

/** When a thread started, in ticks since the boot; '' if it is over, a zombie included; undefined: can't be told. */
function startOf(pid: number, thread: number): string | undefined {
  if (process.platform !== 'linux') return command('ps', ['-o', 'lstart=', '-p', String(pid)])
  let status: string
  try {
    status = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ESRCH' ? missingThread(pid) : undefined
  }
  // Field 2, the name in parentheses, may hold anything; field 3 is the state and field 22 the start (proc(5)).
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? '' : fields[19]
}

/** A thread without an entry is over, unless the whole of /proc hides the process from us. */
function missingThread(pid: number): string | undefined {
  return attempt(() => readFileSync(`/proc/${pid}/stat`)) === undefined && processExists(pid) ? undefined : ''
}

function command(name: string, args: string[]): string | undefined {
  // In one time zone and language for all: what processes print of each other has to compare.
  const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C' }
  return attempt(() => {
    // Not imported: loading it takes milliseconds of every start, and on Linux nobody asks.
    const { execFileSync } = process.getBuiltinModule('node:child_process')
    return execFileSync(name, args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  })
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined // what can't be looked at is unknown, and the caller says what that means
  }
}
