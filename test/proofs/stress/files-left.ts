import { readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileStore } from 'untorn/file'
import { decodeLines } from '../../../src/stores/file/journal/line.ts'
import { BLANK, type JournalState, replay } from '../../../src/stores/file/journal/replay.ts'
import type { Place } from './wire.ts'

/** What lies in a directory beside the journals of sessions. */
export interface FilesLeft {
  /** Files of folds whose process was killed. */
  temporary: string[]
  /** Journals whose creator was killed before its first line. */
  empty: string[]
  /** Journals whose first line is torn: no session. */
  torn: string[]
  /** Journals of deleted sessions whose process was killed before it removed them. */
  ended: string[]
  /** What no file of a store's is named like. */
  foreign: string[]
}

const TWO_MINUTES_S = 120

/** Looks through a directory, below its shards. Paths are relative to it. */
export function filesLeft({ directory }: Place): FilesLeft {
  const left: FilesLeft = { temporary: [], empty: [], torn: [], ended: [], foreign: [] }
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    // Beside the manifest, what a process left that was killed when it tried whether the directory can be written.
    if (entry.isFile() && entry.name.startsWith('untorn.json')) continue
    if (!entry.isDirectory()) left.foreign.push(entry.name)
    else for (const name of readdirSync(join(directory, entry.name))) sort(left, directory, entry.name, name)
  }
  return left
}

function sort(left: FilesLeft, directory: string, shard: string, name: string): void {
  const path = join(shard, name)
  if (/^new-[0-9a-f]{24}$/.test(name)) left.temporary.push(path)
  else if (!/^[0-9a-f]{62}$/.test(name)) left.foreign.push(path)
  else {
    const phase = phaseOf(readFileSync(join(directory, path)))
    if (phase === 'blank') left.empty.push(path)
    if (phase === 'void') left.torn.push(path)
    if (phase === 'ended') left.ended.push(path)
  }
}

function phaseOf(bytes: Buffer): JournalState['phase'] {
  if (bytes.length === 0) return 'blank'
  const { phase } = replay(BLANK, decodeLines(bytes).lines)
  return phase === 'blank' ? 'void' : phase // an only line that is torn
}

/** Makes the leftovers look two minutes old, as a store keeps the young ones, and sweeps. */
export async function sweepOld(place: Place): Promise<void> {
  const { temporary, empty } = filesLeft(place)
  for (const path of [...temporary, ...empty]) {
    const { atimeMs, mtimeMs } = statSync(join(place.directory, path))
    utimesSync(join(place.directory, path), atimeMs / 1000, mtimeMs / 1000 - TWO_MINUTES_S)
  }
  const store = fileStore(place.directory, { sweepEvery: 0, onEvent: () => {} })
  await store.clearExpired()
  await store.close()
}
