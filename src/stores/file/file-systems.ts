/** What a file system means for sessions. */
export interface FileSystem {
  name: string
  /**
   * `refused`: appends aren't atomic across machines; `doubtful`: it may be a network behind it. The others break only
   * what `durability: 'disk'` promises; `no journal`: its check after a crash may lose files, or bring them back;
   * `memory`: nothing survives power loss.
   */
  support: 'refused' | 'doubtful' | 'no journal' | 'memory'
}

/** `f_type` of Linux's statfs(2); the numbers are those of linux/magic.h and of the file systems' own sources. */
const FILE_SYSTEMS: ReadonlyMap<number, FileSystem> = new Map([
  [0x6969, { name: 'NFS', support: 'refused' }],
  [0x517b, { name: 'SMB', support: 'refused' }],
  [0xff534d42, { name: 'CIFS', support: 'refused' }],
  [0xfe534d42, { name: 'SMB2', support: 'refused' }],
  [0x5346414f, { name: 'AFS', support: 'refused' }],
  [0x6b414653, { name: 'AFS', support: 'refused' }],
  [0x00c36400, { name: 'Ceph', support: 'refused' }],
  [0x0bd00bd0, { name: 'Lustre', support: 'refused' }],
  [0x47504653, { name: 'GPFS', support: 'refused' }],
  [0x01021997, { name: '9p', support: 'doubtful' }],
  [0x65735546, { name: 'FUSE or virtiofs', support: 'doubtful' }],
  [0x4d44, { name: 'FAT', support: 'no journal' }],
  [0x2011bab0, { name: 'exFAT', support: 'no journal' }],
  [0x4244, { name: 'HFS', support: 'no journal' }],
  [0x482b, { name: 'HFS+', support: 'no journal' }], // Linux writes it without using its journal
  [0x15013346, { name: 'UDF', support: 'no journal' }],
  [0x01021994, { name: 'tmpfs', support: 'memory' }],
  [0x858458f6, { name: 'ramfs', support: 'memory' }],
])

/** What is known against a file system; undefined: nothing. Other systems than Linux number theirs otherwise. */
export function fileSystemOf(type: number, platform = process.platform): FileSystem | undefined {
  return platform === 'linux' ? FILE_SYSTEMS.get(type >>> 0) : undefined
}

/** What there is to say against a directory's place, and what to do; `undefined`: nothing. */
export function doubtsAbout(
  root: string,
  { name, support }: FileSystem,
  durable: boolean,
): string | undefined {
  const where = `The session directory "${root}" is on ${name}`
  switch (support) {
    case 'refused':
      return (
        `${where}, a network file system, where appends from two machines can overwrite each other. Use a directory ` +
        'on a local disk, or a store that serves several machines: untorn/redis or untorn/postgres.'
      )
    case 'doubtful':
      return `${where}. Sessions are safe there as long as one machine writes them; a local disk is the better place.`
    case 'no journal':
      return durable
        ? `${where}, so that durability: 'disk' can't be kept: after power loss the check of the file system may lose ` +
            "sessions, or bring some back. Use one with a journal (ext4, xfs, btrfs), or 'process', which promises less."
        : undefined
    case 'memory':
      return durable
        ? `${where}, which is memory, so that durability: 'disk' can't be kept: nothing in it survives power loss. ` +
            "Use a directory on a disk, or 'process', which promises less."
        : undefined
  }
}

/** ext2, ext3 and ext4 have one number between them, and ext4 can be made without a journal. */
export function isExt(type: number, platform = process.platform): boolean {
  return platform === 'linux' && type === 0xef53
}

/**
 * One of these without a journal; undefined: it has one, or nothing tells.
 * @param device as stat(2) has it
 * @param read a file's text, where it can be read
 */
export function extWithoutJournal(
  device: number,
  read: (path: string) => string | undefined,
): FileSystem | undefined {
  const number = `${majorOf(device)}:${minorOf(device)}`
  const type = typeOfMount(read('/proc/self/mountinfo') ?? '', number)
  const name = /^DEVNAME=(.+)$/m.exec(read(`/sys/dev/block/${number}/uevent`) ?? '')?.[1]
  // What the driver says counts: the one of ext4 mounts an ext2 too, and says of either which thread writes its journal.
  const writer = name === undefined ? undefined : read(`/sys/fs/ext4/${name}/journal_task`)?.trim()
  const without = writer === undefined ? type === 'ext2' : writer === '<none>'
  return without ? { name: `${type ?? 'ext'} without a journal`, support: 'no journal' } : undefined
}

/** As glibc's gnu_dev_major: device numbers outgrew the two bytes that they once were. */
function majorOf(device: number): number {
  const [high, low] = [Math.floor(device / 2 ** 32), device >>> 0]
  return ((low >>> 8) & 0xfff) | (high & ~0xfff)
}

function minorOf(device: number): number {
  const low = device >>> 0
  return (low & 0xff) | ((low >>> 12) & ~0xff)
}

/** The type of what is mounted from a device, in the format of proc_pid_mountinfo(5). */
function typeOfMount(mounts: string, device: string): string | undefined {
  const mount = mounts.split('\n').find((line) => line.split(' ')[2] === device)
  return mount?.split(' - ')[1]?.split(' ')[0]
}
