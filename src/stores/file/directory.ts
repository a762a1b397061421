import type { SessionKey } from '../../contract/key.ts'
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

export const isManifestName = (name: string): boolean => name === MANIFEST
export const isDraftName = (name: string): boolean => /^untorn\.json\.[0-9a-f]{16}$/.test(name)

export const isShardName = (name: string): boolean => /^[0-9a-f]{2}$/.test(name)

/** Whether a name in a session directory says that it is somebody else's. */
export function isForeignName(name: string): boolean {
  return !isShardName(name) && !IGNORED.has(name) && !name.startsWith(`${MANIFEST}.`) && name !== MANIFEST
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

/** Whether a name in a shard says that it is somebody else's. */
export const isForeignInShard = (name: string): boolean => !isJournalName(name) && !isTemporaryName(name)

/** What messages and events show of a journal's place: enough to find it, no whole key. */
export function fileLabel(key: SessionKey): string {
  return `${shardOf(key)}/${key.slice(2, 8)}...`
}
