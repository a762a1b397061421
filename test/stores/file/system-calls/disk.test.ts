import { describe, expect, test } from 'vitest'
import { readCalls } from './calls.ts'
import { Disk, type Kind } from './disk.ts'
import { TracedProcess } from './traced-process.ts'

const bytes = (text: string): Buffer => Buffer.from(text)

/** A disk with a directory that is synced. */
function diskWith(directories: string[], kind?: Kind) {
  const disk = new Disk({ directories, files: [] }, kind)
  const sync = (path: string): void => disk.startSync(disk.at(path)!)(true)
  for (const path of ['/', ...directories]) sync(path)
  const left = (path: string): (string | undefined)[] =>
    disk.contents(path).map((each) => each?.toString('latin1'))
  return { disk, sync, left }
}

describe('after power loss', () => {
  test('a file is sure when its bytes and its name are synced, in whichever order', () => {
    for (const order of [
      ['/d', '/d/f'],
      ['/d/f', '/d'],
    ]) {
      const { disk, sync, left } = diskWith(['/d'])
      disk.append(disk.make('/d/f', 'file'), bytes('ab'))
      expect(left('/d/f')).toEqual([undefined, '', 'ab'])
      for (const path of order) sync(path)
      expect(left('/d/f')).toEqual(['ab', 'ab'])
    }
  })

  test('a sync covers what was written before it began, and nothing since', () => {
    const { disk, sync, left } = diskWith(['/d'])
    const file = disk.make('/d/f', 'file')
    sync('/d')
    disk.append(file, bytes('a'))
    const end = disk.startSync(file)
    disk.append(file, bytes('b'))
    expect(left('/d/f')).toEqual(['', 'ab'])
    end(true)
    expect(left('/d/f')).toEqual(['a', 'ab'])
  })

  test('bytes whose sync failed may be missing for ever, as zeros before what was synced later or with all of that', () => {
    const { disk, sync, left } = diskWith(['/d'])
    const file = disk.make('/d/f', 'file')
    sync('/d')
    disk.append(file, bytes('ab'))
    disk.startSync(file)(false)
    disk.append(file, bytes('c'))
    sync('/d/f')
    expect(left('/d/f')).toEqual(['\0\0c', 'abc', ''])
  })

  test('without a journal a name that was given to another file may lead to neither, until its directory is synced', () => {
    const { disk, sync, left } = diskWith(['/d'], 'without a journal')
    disk.append(disk.make('/d/f', 'file'), bytes('old'))
    disk.append(disk.make('/d/new', 'file'), bytes('new'))
    for (const path of ['/d/f', '/d/new', '/d']) sync(path)
    disk.rename('/d/new', '/d/f')
    expect(left('/d/f')).toContain(undefined)
    sync('/d')
    expect(left('/d/f')).toEqual(['new', 'new', 'new'])
  })

  test('without a journal a file may have its new size and not its new bytes, until it is synced', () => {
    const { disk, sync, left } = diskWith(['/d'], 'without a journal')
    const file = disk.make('/d/f', 'file')
    disk.append(file, bytes('ab'))
    for (const path of ['/d/f', '/d']) sync(path)
    disk.append(file, bytes('c'))
    expect(left('/d/f')).toEqual(['ab', 'abc', 'ab\0'])
    sync('/d/f')
    expect(left('/d/f')).toEqual(['abc', 'abc', 'abc'])
  })

  test('without a journal a file that is made in the place of a removed one may have its name too, and is refused', () => {
    const { disk, sync, left } = diskWith(['/d', '/e'], 'without a journal')
    disk.make('/d/f', 'file')
    sync('/d')
    disk.unlink('/d/f')
    disk.make('/e/f', 'file')
    for (const path of ['/e/f', '/e']) sync(path)
    expect(left('/e/f')).toContain(undefined)
    sync('/d')
    expect(left('/e/f')).not.toContain(undefined)
  })

  test('a name that was given to another file is of either, until its directory is synced', () => {
    const { disk, sync, left } = diskWith(['/d'])
    disk.append(disk.make('/d/f', 'file'), bytes('old'))
    disk.append(disk.make('/d/new', 'file'), bytes('new'))
    for (const path of ['/d/f', '/d/new', '/d']) sync(path)
    const early = disk.startSync(disk.at('/d')!)
    disk.rename('/d/new', '/d/f')
    early(true)
    expect(left('/d/f')).toEqual(['old', 'old', 'new', 'new'])
    sync('/d')
    expect(left('/d/f')).toEqual(['new', 'new'])
    expect(disk.names('/d')).toEqual(['f'])
  })

  test('a file that was removed may be back, until its directory is synced', () => {
    const { disk, sync, left } = diskWith(['/d'])
    disk.make('/d/f', 'file')
    sync('/d')
    disk.unlink('/d/f')
    expect(left('/d/f')).toEqual(['', '', undefined])
    expect(disk.names('/d')).toEqual(['f'])
    sync('/d')
    expect(left('/d/f')).toEqual([undefined])
  })

  test('a file is as sure as the directories that lead to it, those that were there before included', () => {
    const before = { directories: ['/a', '/a/b'], files: [{ path: '/a/b/f', bytes: bytes('x') }] }
    const disk = new Disk(before)
    for (const path of ['/a/b/f', '/a/b', '/a']) {
      disk.startSync(disk.at(path)!)(true)
      expect(disk.contents('/a/b/f')).toContain(undefined)
    }
    expect(disk.doubts('/a/b/f')).toBe('names not synced: a')
    disk.startSync(disk.at('/')!)(true)
    expect(disk.contents('/a/b/f')).toEqual([bytes('x'), bytes('x')])
  })
})

describe('a traced process', () => {
  const seen = (...lines: string[]): Disk => {
    const traced = new TracedProcess({ directories: ['/d'], files: [] }, '/d')
    for (const moment of readCalls(lines.map((line) => `1 ${line}`).join('\n'))) traced.see(moment)
    return traced.disk
  }

  test('writes to the file that was opened, even if another has its number or its name by then', () => {
    const disk = seen(
      'openat(AT_FDCWD</>, "/d/a", O_RDWR|O_CREAT, 0600) = 5',
      'rename("/d/a", "/d/b") = 0',
      'write(5</d/b>, "to b", 4) = 4',
      'close(5</d/b>) = 0',
      'openat(AT_FDCWD</>, "/etc/hosts", O_RDONLY) = 5',
      'write(5</etc/hosts>, "elsewhere", 9) = 9',
    )
    expect(disk.contents('/d/b')).toContainEqual(bytes('to b'))
    expect(disk.at('/d/a')).toBeUndefined()
  })

  test('is credited with what succeeded only: no failed call, no part of a write that was not taken', () => {
    const disk = seen(
      'mkdir("/d/s", 0700) = -1 ENOSPC (No space left on device)',
      'openat(AT_FDCWD</>, "/d/a", O_RDWR|O_CREAT, 0600) = 5',
      'write(5</d/a>, "whole", 5) = 2',
      'fdatasync(5</d/a>) = -1 EIO (Input/output error)',
    )
    expect(disk.at('/d/s')).toBeUndefined()
    expect(disk.contents('/d/a')).toEqual([undefined, bytes(''), bytes('wh'), bytes('')])
  })

  test('whose device fails at a write may have written it or not', () => {
    const disk = seen(
      'openat(AT_FDCWD</>, "/d/a", O_RDWR|O_CREAT, 0600) = 5',
      'write(5</d/a>, "a", 1) = 1',
      'write(5</d/a>, "b", 1) = -1 EIO (Input/output error)',
      'write(5</d/a>, "c", 1) = 1',
    )
    expect(disk.contents('/d/a')).toEqual([undefined, bytes(''), bytes('abc'), bytes('ac')])
  })

  test('that does what the model does not know is an error', () => {
    const opened = 'openat(AT_FDCWD</>, "/d/a", O_RDWR|O_CREAT, 0600) = 5'
    expect(() => seen(opened, 'ftruncate(5</d/a>, 0) = 0')).toThrow('ftruncate')
    expect(() => seen('link("/d/a", "/d/b") = 0')).toThrow('link')
    expect(() => seen('io_uring_enter(7, 1, 1, 0, NULL, 8) = 1')).toThrow('io_uring')
    expect(() => seen(opened, 'openat(AT_FDCWD</>, "/d/a", O_WRONLY|O_TRUNC) = 6')).toThrow('cut')
    expect(() => seen('ftruncate(5</tmp/other>, 0) = 0')).not.toThrow()
  })
})
