import { rmdirSync, rmSync } from 'node:fs'
import { basename } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openPrepared } from '../../../src/stores/file/file-store.ts'
import { nodeFiles } from '../../../src/stores/file/node-files.ts'
import { nodeGround } from '../../../src/stores/file/node-ground.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import type { Call } from './call.ts'
import { Course } from './course.ts'
import { Disk } from './disk.ts'
import { settingOf } from './scenarios.ts'
import { carryOut } from './system.ts'
import { newProcess, newWorld, type Process } from './world.ts'

/** Calls on three names and on the descriptors that they gave, in any order. */
const calls = fc.array(
  fc.oneof(
    fc.record({
      name: fc.constantFrom('open', 'create', 'unlink', 'pathStatus', 'realPath', 'readNow'),
      path: fc.constantFrom('a', 'b', 'c'),
    }),
    fc.record({
      name: fc.constantFrom('makeDirectory', 'removeDirectory', 'listNow'),
      path: fc.constant('c'),
    }),
    fc.record({
      name: fc.constant('rename'),
      path: fc.constantFrom('a', 'b'),
      to: fc.constantFrom('a', 'b', 'c'),
    }),
    fc.record({
      name: fc.constantFrom('append', 'read', 'status', 'truncate', 'syncNow', 'close'),
      nth: fc.nat(4),
      text: fc.string({ maxLength: 5 }),
      at: fc.nat(8),
    }),
  ),
  { maxLength: 40 },
)

type Step = typeof calls extends fc.Arbitrary<(infer One)[]> ? One : never

describe('the simulated file system', () => {
  it('answers every sequence of calls as the real one does', async () => {
    await fc.assert(
      fc.asyncProperty(calls, async (steps) => {
        const root = temporaryDirectory()
        const real = runReal(root, steps)
        rmSync(root, { recursive: true })
        expect(await runSimulated(steps)).toEqual(real)
      }),
      { numRuns: 300 },
    )
  })
})

function runReal(root: string, steps: readonly Step[]): unknown[] {
  const open: number[] = []
  const calls = { ...nodeFiles, ...nodeGround, removeDirectory: rmdirSync }
  const files = calls as unknown as Record<string, (...args: unknown[]) => unknown>
  const seen = steps.map((step) =>
    attempt(() => {
      const call = callOf(step, root, open)
      if (call.name !== 'read') return note(call, files[call.name]!(...call.args), open)
      const [fd, length, position] = call.args as [number, number, number]
      const into = Buffer.alloc(length)
      return into.subarray(0, nodeFiles.read(fd, into, length, position)).toString()
    }),
  )
  for (const fd of open) nodeFiles.close(fd)
  return seen
}

async function runSimulated(steps: readonly Step[]): Promise<unknown[]> {
  const root = '/root'
  const disk = new Disk()
  disk.makeDirectory('/', 1, 0)
  disk.makeDirectory(root, 2, 0)
  const world = newWorld(disk, 0)
  let process: Process = await newProcess(
    new Course({ pid: 1, operations: [], options: {}, overlap: 1 }, settingOf(openPrepared)),
  )
  const open: number[] = []
  return steps.map((step) =>
    attempt(() => {
      const call = callOf(step, root, open)
      const carried = carryOut(world, disk, process, call)
      process = carried.process
      if ('error' in carried.answer) throw Object.assign(new Error(), { code: carried.answer.error })
      const { value } = carried.answer
      return Buffer.isBuffer(value) ? value.toString() : note(call, value, open)
    }),
  )
}

function callOf(step: Step, root: string, open: readonly number[]): Call {
  if ('to' in step) return { name: 'rename', args: [`${root}/${step.path}`, `${root}/${step.to}`] }
  if ('path' in step) return { name: step.name as Call['name'], args: [`${root}/${step.path}`] }
  const fd = open[step.nth % Math.max(1, open.length)]
  if (fd === undefined) throw Object.assign(new Error('Nothing is open.'), { code: 'NONE' })
  if (step.name === 'append') return { name: 'append', args: [fd, Buffer.from(step.text)] }
  return { name: step.name as Call['name'], args: step.name === 'read' ? [fd, 20, step.at] : [fd] }
}

/** What can be compared of an answer; keeps the list of descriptors. */
function note({ name, args }: Call, value: unknown, open: number[]): unknown {
  if (name === 'open' || name === 'create') {
    open.push(value as number)
    return 'open'
  }
  if (name === 'realPath') return basename(value as string)
  if (name === 'close') open.splice(open.indexOf(args[0] as number), 1)
  if (name !== 'status' && name !== 'pathStatus') return value
  const { size, nlink, mode } = value as { size: number; nlink: number; mode: number }
  const directory = (mode & 0o170000) === 0o040000
  return directory ? 'directory' : { size, nlink }
}

function attempt(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}
