import type { FileStatus, Files } from '../../../../src/stores/file/files.ts'

/** As much of the port as an open journal uses, over one file that grows as the test has it. */
export class FileInMemory {
  bytes: Buffer = Buffer.alloc(0)
  /** Of the next appends, how many bytes each writes; all of them when there is none. */
  readonly shortWrites: number[] = []
  /** What others append just after the next append, before its author can read. */
  readonly meanwhile: Uint8Array[] = []
  readonly files: Files

  constructor() {
    const used: Partial<Files> = {
      append: (_fd, bytes) => this.append(bytes.subarray(0, this.shortWrites.shift() ?? bytes.length)),
      read: (_fd, into, length, position) => {
        for (const bytes of this.meanwhile.splice(0)) this.append(bytes)
        return this.bytes.copy(into, 0, position, position + length)
      },
      status: () => ({ size: this.bytes.length, nlink: 1 }) as FileStatus,
      close: () => {},
    }
    this.files = used as Files
  }

  append(bytes: Uint8Array): number {
    this.bytes = Buffer.concat([this.bytes, bytes])
    return bytes.length
  }
}
