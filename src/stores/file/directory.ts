import { constants, type Stats } from 'node:fs'
import type { SessionKey } from '../../contract/key.ts'
import { StoreConfigError } from '../../errors.ts'
import type { Chance } from './files.ts'

const MANIFEST = 'untorn.json'

/** What a directory may hold and still count as empty: it is there for version control, a mount or a file browser. */
const IGNORED = new Set(['.gitignore', '.gitkeep', '.DS_Store', 'lost+found'])

/** Shard names: the first two hex digits of a key. */
export const SHARDS: readonly string[] = Array.from({ length: 256 }, (_, n) =>
  n.toString(16).padStart(2, '0'),
)

export function manifestOf(root: string): string {
  return `${root}/${MANIFEST}`
}

/** Where a start writes what is to become the manifest: a name that nobody can guess. */
export function draftOf(root: string, chance: Chance): string {
  return `${manifestOf(root)}.${chance.bytes(8).toString('hex')}`
}

export const isDraftName = (name: string): boolean => /^untorn\.json\.[0-9a-f]{16}$/.test(name)

/** Whether a name in a directory without a manifest says that it is somebody else's. */
export function mayBeForeign(name: string): boolean {
  return !IGNORED.has(name) && !name.startsWith(`${MANIFEST}.`) && name !== MANIFEST
}

/** What is unfinished for longer than this was left by a process that died. */
export const ORPHAN_MS = 60_000

/** Where a session's journal is, below the store's directory. */
export function shardOf(key: SessionKey): string {
  return key.slice(0, 2)
}

export function fileNameOf(key: SessionKey): string {
  return key.slice(2)
}

/** A name that nobody can guess for a file that a fold will rename. */
export function temporaryName(chance: Chance): string {
  return `new-${chance.bytes(12).toString('hex')}`
}

export const isTemporaryName = (name: string): boolean => /^new-[0-9a-f]{24}$/.test(name)
export const isJournalName = (name: string): boolean => /^[0-9a-f]{62}$/.test(name)

/** Sessions must not be in a directory where others could plant or replace files. */
export function refuseUnsafe(path: string, status: Pick<Stats, 'uid' | 'mode'>): void {
  if ((status.mode & constants.S_IFMT) !== constants.S_IFDIR) {
    throw new StoreConfigError(`"${path}" is not a directory. Choose another path, or move it away.`)
  }
  const us = process.geteuid?.()
  if (us !== undefined && status.uid !== us) {
    throw new StoreConfigError(
      `The session directory "${path}" belongs to user ${status.uid}, and this process runs as ${us}. ` +
        `Run it as that user, choose another directory, or change the owner: chown ${us} "${path}".`,
    )
  }
  if ((status.mode & 0o022) !== 0) {
    throw new StoreConfigError(
      `Others may write to the session directory "${path}", and could plant sessions. ` +
        `Take that right away: chmod go-w "${path}".`,
    )
  }
}

/** What messages and events show of a journal's place: enough to find it, no whole key. */
export function fileLabel(key: SessionKey): string {
  return `${shardOf(key)}/${key.slice(2, 8)}...`
}
