import { bytesOf, type Call, isQuoted, type Moment } from './calls.ts'
import { type Before, Disk, type Inode, type Kind } from './disk.ts'

/** Calls that change files in ways the store has no use for: with one of them the model would be wrong. */
const UNKNOWN = [
  ...'writev pwrite64 pwritev pwritev2 sendfile copy_file_range truncate ftruncate fallocate creat'.split(
    ' ',
  ),
  ...'link linkat symlink symlinkat rmdir dup dup2 dup3 sync_file_range'.split(' '),
  ...'io_uring_setup io_uring_enter'.split(' '),
]

/** What has to be traced for {@link TracedProcess}. */
export const CHANGING_CALLS: readonly string[] = [
  ...'open openat close write fsync fdatasync mkdir mkdirat unlink unlinkat'.split(' '),
  ...'rename renameat renameat2'.split(' '),
  ...UNKNOWN,
]

/** Carries out on a model of the disk what the calls of one process did, moment by moment. */
export class TracedProcess {
  readonly disk: Disk
  readonly #known: (path: string) => boolean
  readonly #descriptors = new Map<number, Inode>()
  readonly #syncing = new Map<Call, (succeeded: boolean) => void>()

  /** `base`: a directory of `before`. Nothing outside of it is looked at but its parents. */
  constructor(before: Before, base: string, kind?: Kind) {
    this.disk = new Disk(before, kind)
    const parents = new Set(['/', ...before.directories])
    this.#known = (path) => parents.has(path) || path.startsWith(`${base}/`)
  }

  see({ phase, call }: Moment): void {
    if (phase === 'starts') this.#starts(call)
    else if (call.name === 'fsync' || call.name === 'fdatasync') this.#syncing.get(call)?.(call.result === 0)
    else if (call.name === 'write' && call.error === 'EIO') this.#failed(call)
    else if (call.result !== undefined && call.result >= 0) this.#succeeded(call, call.result)
  }

  #starts(call: Call): void {
    const { name, args } = call
    const inode = this.#descriptors.get(descriptorOf(call))
    if (inode && (name === 'fsync' || name === 'fdatasync'))
      this.#syncing.set(call, this.disk.startSync(inode))
    // The number is free as soon as the call has begun: another thread may be given it before this one goes on.
    if (name === 'close') this.#descriptors.delete(descriptorOf(call))
    if (UNKNOWN.includes(name) && (inode || this.#pathsOf(args).length > 0 || name.startsWith('io_uring'))) {
      throw new Error(`The model of the disk does not know what ${name} does.`)
    }
  }

  #succeeded(call: Call, result: number): void {
    const [path, to] = this.#pathsOf(call.args)
    const name = call.name.replace(/at2?$/, '')
    if (name === 'open') this.#opened(call, result, path)
    else if (name === 'write') this.#wrote(call, result)
    else if (name === 'mkdir' && path) this.disk.make(path, 'directory')
    else if (name === 'rename' && path && to) this.disk.rename(path, to)
    else if (name === 'unlink' && path) this.disk.unlink(path)
  }

  /** What a device says after it has taken the bytes, or before. */
  #failed(call: Call): void {
    const inode = this.#descriptors.get(descriptorOf(call))
    if (inode) this.disk.append(inode, bytesOf(call.args[1]!), 'failed')
  }

  #wrote(call: Call, length: number): void {
    const inode = this.#descriptors.get(descriptorOf(call))
    if (inode) this.disk.append(inode, bytesOf(call.args[1]!).subarray(0, length))
  }

  #opened({ args }: Call, descriptor: number, path: string | undefined): void {
    this.#descriptors.delete(descriptor)
    if (path === undefined) return
    const flags = args.find((argument) => argument.startsWith('O_')) ?? ''
    const found = this.disk.at(path)
    if (found?.kind === 'file' && flags.includes('O_TRUNC')) throw new Error(`A file is cut: ${path}`)
    if (!found && !flags.includes('O_CREAT')) throw new Error(`What is opened was never made: ${path}`)
    this.#descriptors.set(descriptor, found ?? this.disk.make(path, 'file'))
  }

  /** The store's paths are all absolute. */
  #pathsOf(args: string[]): string[] {
    return args
      .filter(isQuoted)
      .map((argument) => String(bytesOf(argument)))
      .filter(this.#known)
  }
}

const descriptorOf = ({ args }: Call): number => Number.parseInt(args[0] ?? '', 10)
