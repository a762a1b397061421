import type { Files } from '../../../../src/stores/file/files.ts'
import { nodeFiles } from '../../../../src/stores/file/node-files.ts'
import type { Random } from '../random.ts'

/** Milliseconds for which a process waits to be killed. */
const LONGEST_WAIT_MS = 30

/**
 * How often a process waits: after a file was made, before an append, before a rename and after it, before an unlink, and
 * after it has looked whether a file still has its name.
 */
const SHARES = {
  create: 0.15,
  append: 0.1,
  shortWrite: 0.3,
  rename: 0.5,
  renamed: 0.3,
  unlink: 0.1,
  look: 0.02,
} as const

/** How often a write is cut short. */
const SHORT_WRITES = 1 / 60

/** What happens between the calls of the system. */
export interface Interruptions {
  random: Random
  /** Told before a wait: the parent may kill or stop the process in it. */
  announce: (call: string) => void
  /** Told of a write that was cut short. */
  shortened: () => void
}

/**
 * The real files, where the process stops now and then in the moments that matter, which last for microseconds: with a
 * new file still empty, a line half written, a seal set and the rename to come, an end written and the file still there.
 */
export function interruptedFiles({ random, announce, shortened }: Interruptions): Files {
  const maybe = (call: keyof typeof SHARES): void => {
    if (!random.chance(SHARES[call])) return
    announce(call)
    wait(random.between(1, LONGEST_WAIT_MS))
  }
  return {
    ...nodeFiles,
    create(path) {
      const fd = nodeFiles.create(path)
      maybe('create')
      return fd
    },
    append(fd, bytes) {
      maybe('append') // with a time stamp in the line that grows old
      if (!random.chance(SHORT_WRITES)) return nodeFiles.append(fd, bytes)
      // As on a disk that fills up: the system may write less than it was asked to, and the store has to cope.
      const written = nodeFiles.append(fd, bytes.subarray(0, random.below(bytes.length)))
      shortened()
      maybe('shortWrite')
      return written
    },
    rename(from, to) {
      maybe('rename')
      nodeFiles.rename(from, to)
      maybe('renamed')
    },
    unlink(path) {
      maybe('unlink')
      nodeFiles.unlink(path)
    },
    pathStatus(path) {
      const status = nodeFiles.pathStatus(path)
      maybe('look')
      return status
    },
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** With the thread held, as it is in a call of the system. */
function wait(ms: number): void {
  Atomics.wait(sleeper, 0, 0, ms)
}
