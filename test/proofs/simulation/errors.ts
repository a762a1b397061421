import { type CallName, NAMELESS } from './call.ts'

/** What the system may say to each call, and whether it may have done what was asked for all the same. */
export const SYSTEM_ERRORS: Readonly<Partial<Record<CallName, readonly { code: string; done?: boolean }[]>>> =
  {
    open: [{ code: 'EMFILE' }, { code: 'EIO' }, { code: 'EACCES' }],
    create: [
      { code: 'ENOSPC' },
      { code: NAMELESS },
      { code: 'EMFILE' },
      { code: 'EROFS' },
      { code: 'EACCES' },
    ],
    append: [
      { code: 'ENOSPC' },
      { code: NAMELESS },
      { code: 'EIO' },
      { code: 'EIO', done: true },
      { code: 'EROFS' },
    ],
    truncate: [{ code: 'EIO' }, { code: 'EIO', done: true }, { code: 'ENOSPC' }],
    read: [{ code: 'EIO' }],
    status: [{ code: 'EIO' }],
    pathStatus: [{ code: 'EIO' }, { code: 'EACCES' }],
    rename: [{ code: 'EIO' }, { code: 'EIO', done: true }, { code: 'ENOSPC' }, { code: 'EROFS' }],
    unlink: [{ code: 'EIO' }, { code: 'EROFS' }, { code: 'EACCES' }],
    makeDirectory: [{ code: 'ENOSPC' }, { code: 'EROFS' }],
    list: [{ code: 'EIO' }, { code: 'EMFILE' }],
    hintExpiry: [{ code: 'EPERM' }, { code: 'EROFS' }],
    claim: [{ code: 'EPERM' }],
    sync: [{ code: 'EIO' }],
    syncDirectory: [{ code: 'EIO' }, { code: 'EMFILE' }],
    realPath: [{ code: 'EACCES' }, { code: 'EIO' }],
    readNow: [{ code: 'EMFILE' }, { code: 'EIO' }, { code: 'EACCES' }],
    listNow: [{ code: 'EMFILE' }, { code: 'EIO' }],
    syncNow: [{ code: 'EIO' }],
    syncDirectoryNow: [{ code: 'EIO' }, { code: 'EMFILE' }],
    fileSystem: [{ code: 'EIO' }],
  }
