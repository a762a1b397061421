import { StoreConfigError } from '../../errors.ts'
import { draftOf, manifestOf } from './directory.ts'
import type { Chance, Clock, Files } from './files.ts'
import type { Ground } from './ground.ts'
import { ShortWriteError } from './journal/journal.ts'
import { FORMAT } from './journal/line.ts'
import { isForbidden, isForeignKind, isMissing, storeUnusable } from './system-error.ts'
import { unlinkIfThere } from './unlink.ts'

/** What a start is made with. */
export interface Start {
  readonly files: Files
  readonly ground: Ground
  readonly clock: Clock
  readonly chance: Chance
  /** `durability: 'disk'`. */
  readonly durable: boolean
}

/** What stands in the place of a manifest, and can't be one. */
export interface WrongManifest {
  readonly code: 'not-a-manifest' | 'other-format'
  readonly meaning: string
  readonly advice: string
}

/** Whether a directory has a manifest, of a format that is known. */
export function hasManifest({ ground }: Start, root: string): boolean {
  const found = lookAtManifest(ground, root)
  if (typeof found === 'boolean') return found
  throw new StoreConfigError(`${found.meaning} ${found.advice}`)
}

/** Whether there is a manifest; or what is wrong with it. */
export function lookAtManifest(ground: Ground, root: string): boolean | WrongManifest {
  const path = manifestOf(root)
  let text: string | undefined
  try {
    text = ground.readNow(path)
  } catch (error) {
    if (isMissing(error)) return false
    if (!isForeignKind(error)) throw storeUnusable(error, 'read its manifest', root)
  }
  const none = { code: 'not-a-manifest' } as const
  if (text === undefined)
    return { ...none, meaning: `"${path}" is not a regular file.`, advice: 'Move it away.' }
  const format = formatIn(text)
  if (format === FORMAT) return true
  if (typeof format !== 'number') {
    const meaning = `"${path}" is not a manifest of untorn.`
    return { ...none, meaning, advice: 'Restore it, or choose another directory.' }
  }
  return {
    code: 'other-format',
    meaning: `The sessions in "${root}" are of format ${format}; this release of untorn knows format ${FORMAT}.`,
    advice: 'Use the release that wrote them, or another directory.',
  }
}

function formatIn(text: string): unknown {
  try {
    return (JSON.parse(text) as { format?: unknown } | null)?.format
  } catch {
    return undefined // whoever asks says so, with the path and what to do
  }
}

/** By way of a rename, so that a process that starts at the same moment never reads half of it. */
export function writeManifest(start: Start, root: string): void {
  const { files, clock } = start
  const text = `${JSON.stringify({ format: FORMAT, created: new Date(clock.now()).toISOString() })}\n`
  do {
    const draft = writeDraft(start, root, text)
    try {
      files.rename(draft, manifestOf(root))
      return
    } catch (error) {
      // Found asleep for a minute, this process was taken for dead, and its draft was removed: write another one.
      if (isMissing(error)) continue
      unlinkQuietly(files, draft)
      throw error
    }
  } while (!hasManifest(start, root))
}

/** Finds out at start what the first request would find out otherwise: no right to write or to sync, or no space. */
export function probe(start: Start, root: string): void {
  unlinkIfThere(start.files, writeDraft(start, root, 'probe'))
}

/** A file beside the manifest, whole and synced. @returns its path */
function writeDraft({ files, ground, chance, durable }: Start, root: string, text: string): string {
  const path = draftOf(root, chance)
  const fd = files.create(path)
  try {
    append(files, fd, Buffer.from(text))
    syncUnlessForbidden(ground, fd, durable)
  } catch (error) {
    unlinkQuietly(files, path)
    throw error
  } finally {
    files.close(fd)
  }
  return path
}

/** All of it: the system may take a part at a time, but not nothing. */
function append(files: Files, fd: number, bytes: Buffer): void {
  for (let rest = bytes; rest.length > 0; ) {
    const written = files.append(fd, rest)
    if (written === 0) throw new ShortWriteError('The system took nothing of a manifest.')
    rest = rest.subarray(written)
  }
}

/**
 * Also where power loss is not promised to be survived: an empty manifest would keep every later start from working.
 * Node's permission model forbids any sync, and there that is the lesser evil.
 */
function syncUnlessForbidden(ground: Ground, fd: number, durable: boolean): void {
  try {
    ground.syncNow(fd)
  } catch (error) {
    if (durable || !isForbidden(error)) throw error
  }
}

function unlinkQuietly(files: Files, path: string): void {
  try {
    files.unlink(path)
  } catch {
    // What can't be removed now, a later start removes.
  }
}
