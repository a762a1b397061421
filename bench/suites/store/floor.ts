import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { values } from '../../candidates/sample.ts'
import type { Operation } from '../../measure/rounds.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants

/** The names that other operations are compared with. */
export const floors = {
  fstat: 'fstat of a kept descriptor',
  append: 'open + append a change + close',
  read: 'open + read + close + parse',
  create: 'create + write + close',
  unlink: 'unlink',
} as const

const group = 'The floor: what the calls cost'

/** The bare calls of `node:fs`. `lineBytes`: how long the line is that a save of untorn appends. */
export function floor(directory: string, lineBytes: number): Operation[] {
  mkdirSync(directory)
  const line = Buffer.alloc(lineBytes, 'x')
  return [
    fstat(directory),
    append({ group, name: floors.append, floor: floors.append }, join(directory, 'append'), line),
    append(
      { group, name: 'open + append 100 bytes + close', floor: floors.append },
      join(directory, 'append-100'),
      Buffer.alloc(100, 'x'),
    ),
    keptAppend(directory, line),
    read({ group, name: floors.read, floor: floors.read, batch: 200 }, join(directory, 'read'), session),
    replace(directory),
    ...createAndUnlink(directory),
  ]
}

const session = Buffer.from(JSON.stringify(values))

function fstat(directory: string): Operation {
  const fd = openSync(join(directory, 'fstat'), 'a')
  return {
    group,
    name: floors.fstat,
    floor: floors.fstat,
    batch: 1200,
    run(count) {
      let bytes = 0
      for (let i = 0; i < count; i++) bytes += fstatSync(fd).size
      return bytes
    },
  }
}

type Named = Pick<Operation, 'group' | 'name' | 'floor'>

/** Opens a file, appends to it, closes it. */
export function append(named: Named, path: string, bytes: Buffer): Operation {
  return {
    ...named,
    // Milliseconds long, as a batch of saves with its folds is: whoever takes longer is interrupted more often.
    batch: 2000,
    before: () => writeFileSync(path, session),
    run(count) {
      for (let i = 0; i < count; i++) {
        const fd = openSync(path, O_WRONLY | O_APPEND)
        writeSync(fd, bytes, 0, bytes.length, null)
        closeSync(fd)
      }
    },
  }
}

function keptAppend(directory: string, bytes: Buffer): Operation {
  const fd = openSync(join(directory, 'kept'), 'a')
  return {
    group,
    name: 'append a change to a kept descriptor',
    floor: floors.append,
    batch: 1500,
    before: () => ftruncateSync(fd),
    run(count) {
      for (let i = 0; i < count; i++) writeSync(fd, bytes, 0, bytes.length, null)
    },
  }
}

/** Opens a file, reads and parses it, closes it. */
export function read(named: Named & { batch: number }, path: string, text: Buffer): Operation {
  writeFileSync(path, text)
  const into = Buffer.allocUnsafe(128 * 1024)
  return {
    ...named,
    run(count) {
      let parsed: unknown
      for (let i = 0; i < count; i++) {
        const fd = openSync(path, O_RDONLY)
        const length = readSync(fd, into, 0, into.length, 0)
        closeSync(fd)
        parsed = JSON.parse(into.toString('utf8', 0, length))
      }
      return parsed
    },
  }
}

function replace(directory: string): Operation {
  const path = join(directory, 'replaced')
  const temporary = join(directory, 'temporary')
  writeFileSync(path, session)
  return {
    group,
    name: 'write a temporary file + rename',
    floor: floors.append,
    batch: 10,
    run(count) {
      for (let i = 0; i < count; i++) {
        writeNew(temporary)
        renameSync(temporary, path)
      }
    },
  }
}

function createAndUnlink(directory: string): Operation[] {
  const batch = 50
  const paths = Array.from({ length: batch }, (_, i) => join(directory, `new-${i}`))
  const createAll = (): void => paths.forEach(writeNew)
  const unlinkAll = (): void => paths.forEach(unlinkSync)
  return [
    { group, name: floors.create, floor: floors.create, batch, run: createAll, after: unlinkAll },
    { group, name: floors.unlink, floor: floors.unlink, batch, before: createAll, run: unlinkAll },
  ]
}

function writeNew(path: string): void {
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL, 0o600)
  writeSync(fd, session, 0, session.length, null)
  closeSync(fd)
}
