import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { SessionKey } from '../../contract/key.ts'
import { ORPHAN_MS } from './directory.ts'
import type { Found } from './findings.ts'
import { decodeLines, isCutShort, type LineRead } from './journal/line.ts'
import { BLANK, replay } from './journal/replay.ts'
import { wrongOwner } from './rights.ts'

const { O_NOATIME = 0, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, S_IRGRP, S_IROTH, S_IWGRP, S_IWOTH } = constants

/** The access time is the store's hint of the expiry: a reading that sets it makes a later sweep read in vain. */
const LOOK = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOATIME

/** A fold keeps a journal to a few times its record, which no application makes so large. */
const LARGEST = 256 * 1024 * 1024

/** What is wrong with a file by its status, before anybody opens it. */
export function wrongFile(path: string, root: string, status: Stats, othersMayEnter: boolean): Found[] {
  if (!status.isFile() || status.nlink > 1 || status.size > LARGEST) {
    return [
      {
        code: 'not-a-journal',
        meaning: `It has the name of a session's file, and ${kindOf(status)}: the session is refused.`,
        advice:
          'Somebody put it there, or made a hard link to it (a backup should copy): look at it and move it away.',
      },
    ]
  }
  const wrong = wrongOwner(path, status, root)
  if (wrong) return [{ ...wrong, meaning: 'A session is in a file of another user, so that it is refused.' }]
  return othersMayEnter ? openToOthers(root, status.mode) : []
}

function kindOf(status: Stats): string {
  if (!status.isFile()) return 'is no regular file'
  return status.nlink > 1 ? `has ${status.nlink} names` : 'is larger than any session'
}

function openToOthers(root: string, mode: number): Found[] {
  const advice = `Take that right away: chmod -R go= "${root}".`
  if ((mode & (S_IWGRP | S_IWOTH)) !== 0) {
    return [
      {
        code: 'writable-by-others',
        meaning: 'Others may write to the file, and so change a session.',
        advice,
      },
    ]
  }
  if ((mode & (S_IRGRP | S_IROTH)) === 0) return []
  return [{ code: 'readable-by-others', meaning: 'Others may read what is in a session.', advice }]
}

/** What is wrong with a journal by what is in it. It is left as it is, its access time included. */
export async function wrongContent(path: string, key: SessionKey, now: number): Promise<Found[]> {
  const file = await open(path, LOOK)
  try {
    const { mtimeMs } = await file.stat()
    const { lines, isDamaged } = await contentOf(file)
    if (isDamaged) return [NO_SESSION]
    const { phase } = replay(BLANK, lines, key)
    if (phase === 'void') return [lines[0]?.kind === 'base' ? RENAMED : NO_SESSION]
    const isOver = phase === 'blank' || phase === 'ended'
    if (isOver && now - mtimeMs > ORPHAN_MS) return [leftoverOf(phase)]
    const damaged = lines.filter(({ kind }) => kind === 'damaged').length
    return damaged === 0 ? [] : [damage(damaged)]
  } finally {
    await file.close()
  }
}

/** Read again where a line is damaged: a reading may overtake an append. */
async function contentOf(file: FileHandle): Promise<{ lines: LineRead[]; isDamaged: boolean }> {
  const read = async () => {
    const { size } = await file.stat()
    const bytes = Buffer.alloc(size)
    const { bytesRead } = await file.read(bytes, 0, size, 0)
    const content = bytes.subarray(0, bytesRead)
    const { lines, firstDamage } = decodeLines(content)
    const isDamaged = lines.length === 0 && bytesRead > 0 && !isCutShort(content)
    return { lines, isDamaged, again: isDamaged || firstDamage !== undefined }
  }
  const first = await read()
  return first.again ? read() : first
}

const RENAMED: Found = {
  code: 'renamed',
  meaning: "The file says that it is another session's: it was renamed or copied, and is no session.",
  advice: 'Find out who did that: it may have been to take over a session. Then remove it.',
}

const NO_SESSION: Found = {
  code: 'no-session',
  meaning: "The first line of a session's file is damaged: it is no session, and stays.",
  advice:
    'Restore it from a backup, or remove it; then see what else writes to the directory, and check the disk.',
}

const damage = (lines: number): Found => ({
  code: 'damaged-journal',
  meaning: `${lines === 1 ? 'A line' : `${lines} lines`} of a session's file can't be read: what was saved there is skipped.`,
  advice:
    'A full disk or a killed process leaves such lines, of saves that nobody was told had succeeded; else see what ' +
    'else writes to the directory, and check the disk.',
})

export const leftoverOf = (what: string): Found => ({
  code: 'leftover',
  meaning: LEFT[what] ?? 'A process that died has left it unfinished.',
  advice: 'Nothing: the next sweep removes it.',
})

const LEFT: Readonly<Record<string, string>> = {
  ended: 'A session is over, and whoever ended it died before removing its file.',
  blank: 'A process died while it made a session, which nobody was given.',
}
