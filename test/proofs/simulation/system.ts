import type { FileStatus } from '../../../src/stores/file/files.ts'
import { type Answer, type Call, systemError } from './call.ts'
import type { Disk } from './disk.ts'
import type { Process, World } from './world.ts'

/** The standard streams are open already. */
const FIRST_DESCRIPTOR = 3

/** What became of a call: the answer, and the process and disk after it. */
export interface Carried {
  answer: Answer
  disk: Disk
  process: Process
}

/**
 * Carries a call of a process out, on a disk that it may change.
 * @param limit descriptors that a process may have open
 */
export function carryOut(world: World, disk: Disk, process: Process, call: Call, limit = 1000): Carried {
  const system = new System(world, disk, process, limit)
  try {
    return { answer: { value: system.answer(call) }, disk, process: system.process }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    return { answer: { error: code }, disk, process: system.process }
  }
}

class System {
  process: Process
  readonly #world: World
  readonly #disk: Disk
  readonly #limit: number

  constructor(world: World, disk: Disk, process: Process, limit: number) {
    this.process = process
    this.#world = world
    this.#disk = disk
    this.#limit = limit
  }

  answer({ name, args }: Call): unknown {
    const disk = this.#disk
    const { now } = this.#world
    const path = args[0] as string
    const fd = args[0] as number
    switch (name) {
      case 'open':
        return this.#opened(() => disk.open(path).ino)
      case 'create':
        return this.#opened(() => disk.create(path, this.#newIno(), now).ino)
      case 'close':
      case 'release':
        return this.#close(fd)
      case 'append':
        return disk.append(this.#ino(fd), args[1] as Uint8Array, now)
      case 'truncate':
        return disk.truncate(this.#ino(fd), now)
      case 'read':
        return disk.read(this.#ino(fd), args[1] as number, args[2] as number)
      case 'status':
        return disk.status(this.#ino(fd)) satisfies FileStatus
      case 'warm':
        return undefined
      case 'pathStatus':
        return disk.pathStatus(path)
      case 'rename':
        return disk.rename(path, args[1] as string)
      case 'unlink':
        return disk.unlink(path)
      case 'makeDirectory':
        return disk.makeDirectory(path, this.#newIno(), now)
      case 'removeDirectory':
        return disk.removeDirectory(path)
      case 'list':
        return disk.list(path)
      case 'hintExpiry':
        return disk.setTimes(this.#ino(fd), args[1] as number, now)
      case 'claim':
        return disk.setPathTimes(path, args[1] as number)
      case 'sync':
        return this.#sync(this.#ino(fd))
      case 'syncDirectory':
        return disk.syncDirectory(path)
      case 'realPath':
        return disk.realPath(path)
      case 'readNow':
        return disk.text(path)
      case 'listNow':
        return disk.list(path)
      case 'syncNow':
        return this.#sync(this.#ino(fd))
      case 'syncDirectoryNow':
        return disk.syncDirectory(path)
      case 'fileSystem':
        return undefined
      case 'ancestors':
        return []
      case 'now':
        return now
      case 'holderStatus':
        return this.#holderStatus(args[0] as number)
      case 'retire':
        return undefined
    }
  }

  #opened(open: () => number): number {
    if (this.process.descriptors.size >= this.#limit) throw systemError('EMFILE')
    const ino = open()
    let fd = FIRST_DESCRIPTOR
    while (this.process.descriptors.has(fd)) fd++
    const descriptors = new Map(this.process.descriptors).set(fd, ino)
    this.process = { ...this.process, descriptors }
    return fd
  }

  #close(fd: number): void {
    const ino = this.#ino(fd)
    const descriptors = new Map(this.process.descriptors)
    descriptors.delete(fd)
    this.process = { ...this.process, descriptors }
    this.#disk.close(ino)
  }

  #sync(ino: number): void {
    if (!this.process.unsynced?.has(ino)) {
      this.#disk.sync(ino)
      return
    }
    const unsynced = new Set(this.process.unsynced)
    unsynced.delete(ino)
    this.process = { ...this.process, unsynced }
    throw systemError('EIO')
  }

  #ino(fd: number): number {
    const ino = this.process.descriptors.get(fd)
    if (ino === undefined) throw systemError('EBADF')
    return ino
  }

  #newIno(): number {
    const made = this.process.made + 1
    this.process = { ...this.process, made }
    return this.process.course.program.pid * 1000 + made
  }

  #holderStatus(pid: number): 'alive' | 'dead' {
    const holder = this.#world.processes.find(({ course }) => course.program.pid === pid)
    return holder === undefined || holder.life === 'killed' ? 'dead' : 'alive'
  }
}

/** The disk when a process is gone: its descriptors are closed, and an append that it was at stays torn. */
export function afterDeath(disk: Disk, process: Process): void {
  if (process.half) disk.lock(process.half.ino, undefined)
  for (const ino of process.descriptors.values()) disk.close(ino)
}
