import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'
import { temporaryDirectory } from '../../../support/directory.ts'

type Skips = Pick<TestContext, 'skip'>

/**
 * The directory of a file system of its own, with so many kilobytes in memory, and files if that is said. Skips the test, with the reason, where
 * none can be mounted.
 */
export function smallDisk({ skip }: Skips, kilobytes: number, inodes?: number): string {
  const directory = temporaryDirectory()
  if (process.platform !== 'linux') skip('A file system of a few kilobytes is mounted on Linux only.')
  try {
    mount(
      '-t',
      'tmpfs',
      '-o',
      `size=${kilobytes}k,mode=0700${inodes === undefined ? '' : `,nr_inodes=${inodes}`}`,
      'untorn-test',
      directory,
    )
  } catch (error) {
    skip(`A small file system could not be mounted, which takes root: ${String(error).split('\n', 1)[0]}`)
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', directory]))
  return directory
}

/**
 * The directory of a file system of its own, made as `mkfs` is told to and mounted from a file. Skips the test, with the
 * reason, where that can't be done.
 */
export function diskOf({ skip }: Skips, kind: string, ...options: string[]): string {
  const directory = temporaryDirectory()
  const image = join(temporaryDirectory(), 'image')
  if (process.platform !== 'linux') skip('Its name is looked up on Linux only.')
  try {
    writeFileSync(image, '')
    truncateSync(image, 8 * 1024 * 1024)
    execFileSync(`mkfs.${kind}`, [...options, '-q', image], { stdio: ['ignore', 'ignore', 'pipe'] })
    mount('-o', 'loop', image, directory)
  } catch (error) {
    skip(`An image of ${kind} could not be mounted, which takes root: ${String(error).split('\n', 1)[0]}`)
  }
  onTestFinished(() => void execFileSync('umount', [directory]))
  return directory
}

/** Makes a directory read-only, under a path of its own, for as long as the test runs. */
export function readOnly(directory: string): void {
  mount('--bind', directory, directory)
  onTestFinished(() => void execFileSync('umount', ['--lazy', directory]))
  mount('-o', 'remount,bind,ro', directory)
}

function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Fills a disk with a file that is in the way. @returns what removes it */
export function fill(directory: string): () => void {
  const path = join(directory, '.gitkeep') // a name that a session directory may hold
  const fd = openSync(path, 'w')
  const block = Buffer.alloc(4096)
  try {
    for (;;) writeSync(fd, block)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(fd)
  }
  return () => rmSync(path)
}

/** Does something without root's rights, by which it would be let do anything. */
export function withoutRoot<T>(act: () => T): T {
  if (process.geteuid?.() !== 0) return act()
  process.seteuid!(NOBODY)
  let done: T | undefined
  try {
    done = act()
    return done
  } finally {
    const rootAgain = (): void => process.seteuid!(0)
    if (done instanceof Promise) done.then(rootAgain, rootAgain)
    else rootAgain()
  }
}

export const NOBODY = 65534
