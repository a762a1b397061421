/** What a file system means for appends from several processes. */
export interface FileSystem {
  name: string
  /** `refused`: appends aren't atomic across machines; `doubtful`: it may be a network behind it. */
  support: 'refused' | 'doubtful'
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
])

/** What is known against a file system; undefined: nothing. Other systems than Linux number theirs otherwise. */
export function fileSystemOf(type: number, platform = process.platform): FileSystem | undefined {
  return platform === 'linux' ? FILE_SYSTEMS.get(type >>> 0) : undefined
}
