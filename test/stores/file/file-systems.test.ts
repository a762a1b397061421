import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FileStoreEvent } from '../../../src/stores/file/events.ts'
import { extWithoutJournal, fileSystemOf, isExt } from '../../../src/stores/file/file-systems.ts'
import { diskOf, smallDisk } from './errors/disks.ts'
import { openStore } from './file-stores.ts'

/** What a store says of the file system when it is opened, before it is closed again. */
async function warningsOn(disk: string, durability: 'process' | 'disk'): Promise<string[]> {
  const told: string[] = []
  const onEvent = (event: FileStoreEvent): void => {
    if (event.type === 'doubtful-file-system') told.push(event.message)
  }
  await openStore({ directory: join(disk, 'sessions'), options: { durability, onEvent } }).close()
  return told
}

describe("durability: 'disk' is warned of, once and at start, where the file system can't keep it", () => {
  const kinds = [
    ['ext2', [], 'ext2 without a journal'],
    ['ext4', ['-O', '^has_journal'], 'ext4 without a journal'],
  ] as const

  test.for(kinds)('%s %j', async ([kind, options, name], { skip }) => {
    const disk = diskOf({ skip }, kind, ...options)
    const [warning, ...more] = await warningsOn(disk, 'disk')
    expect(more).toEqual([])
    expect(warning).toContain(`"${disk}/sessions" is on ${name}, so that durability: 'disk' can't be kept`)
    expect(warning).toMatch(/may lose sessions, or bring some back. Use one with a journal .*, or 'process'/)
    expect(await warningsOn(disk, 'process')).toEqual([])
  })

  test('tmpfs, which is memory', async ({ skip }) => {
    const disk = smallDisk({ skip }, 256)
    expect(await warningsOn(disk, 'disk')).toEqual([
      expect.stringMatching(/is on tmpfs, which is memory.*nothing in it survives power loss/),
    ])
    expect(await warningsOn(disk, 'process')).toEqual([])
  })

  test('and not where there is a journal', async ({ skip }) => {
    expect(await warningsOn(diskOf({ skip }, 'ext4'), 'disk')).toEqual([])
  })

  test('others are known by their number', () => {
    for (const type of [0x4d44, 0x2011bab0]) expect(fileSystemOf(type, 'linux')?.support).toBe('no journal')
    expect(fileSystemOf(0x4d44, 'darwin')).toBeUndefined()
    expect([isExt(0xef53, 'linux'), isExt(0xef53, 'darwin'), isExt(0x58465342, 'linux')]).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('what Linux tells of ext2, ext3 and ext4, which have one number', () => {
  const MOUNTS = [
    '22 27 0:21 / /proc rw,relatime - proc proc rw',
    '27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard',
    '42 27 259:300000 / /with\\040space rw - ext2 /dev/nvme0n1p1 rw',
    '43 27 8:17 / /srv rw - ext3 /dev/sdb1 rw',
  ].join('\n')

  /** 254:0, 259:300000 and 8:17 as stat(2) has them. */
  const [VDA, NVME, SDB] = [0xfe00, 0x493103e0, 0x811]

  const system =
    (files: Record<string, string>) =>
    (path: string): string | undefined =>
      ({ '/proc/self/mountinfo': MOUNTS, ...files })[path]

  const driver = (writer: string) =>
    system({
      '/sys/dev/block/254:0/uevent': 'MAJOR=254\nMINOR=0\nDEVNAME=vda\nDEVTYPE=disk\n',
      '/sys/fs/ext4/vda/journal_task': writer,
    })

  test('the driver says whether there is a thread that writes a journal', () => {
    expect(extWithoutJournal(VDA, driver('<none>\n'))?.name).toBe('ext4 without a journal')
    expect(extWithoutJournal(VDA, driver('7808\n'))).toBeUndefined()
  })

  test('else the table of mounts says that it is ext2, which never has one', () => {
    expect(extWithoutJournal(NVME, system({}))?.name).toBe('ext2 without a journal')
    for (const device of [VDA, SDB]) expect(extWithoutJournal(device, system({}))).toBeUndefined()
  })

  test('where nothing may be read, nothing is said against it', () => {
    for (const device of [VDA, NVME, SDB]) expect(extWithoutJournal(device, () => undefined)).toBeUndefined()
  })
})
