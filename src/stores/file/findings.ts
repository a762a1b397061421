/** What may be found out about a session directory. */
export type FindingCode =
  /** There is no such directory yet: a start makes it. */
  | 'missing'
  /** Something else is where the directory, or a shard, should be. */
  | 'not-a-directory'
  /** The system does not let this process look. */
  | 'unreadable'
  /** It belongs to another user than the one that this process runs as. */
  | 'wrong-owner'
  | 'writable-by-others'
  | 'readable-by-others'
  /** Others may put another directory in this one's place. */
  | 'unsafe-ancestor'
  /** A network, memory, or no journal. */
  | 'file-system'
  | 'no-manifest'
  | 'not-a-manifest'
  | 'other-format'
  /** Nothing that untorn makes has such a name. */
  | 'foreign'
  /** It has the name of a journal, and is a link, a directory, a file with two names or the like. */
  | 'not-a-journal'
  /** Lines that fail their checksum. The session goes on without them. */
  | 'damaged-journal'
  /** Not even its first line can be read: no session. */
  | 'no-session'
  /** It says that it is another session's: no session. */
  | 'renamed'
  /** Left behind by a process that died; a sweep or a start removes it. */
  | 'leftover'

/** One thing that `checkDirectory` has found. */
export interface DirectoryFinding {
  readonly code: FindingCode
  /**
   * `error`: a start or some sessions are refused, or lost. `warning`: it works, and something that is promised may not
   * hold. `note`: nothing needs to be done.
   */
  readonly severity: 'error' | 'warning' | 'note'
  /** Where: below the directory, `.` for itself, or the path of one above. Never a whole session key. */
  readonly path: string
  /** How many of this kind there are in the same folder, of which `path` is the first. */
  readonly count: number
  /** What it means. */
  readonly meaning: string
  /** What to do about it. */
  readonly advice: string
}

const SEVERITY: Readonly<Record<FindingCode, DirectoryFinding['severity']>> = {
  missing: 'note',
  'not-a-directory': 'error',
  unreadable: 'error',
  'wrong-owner': 'error',
  'writable-by-others': 'error',
  'readable-by-others': 'warning',
  'unsafe-ancestor': 'warning',
  'file-system': 'warning',
  'no-manifest': 'warning',
  'not-a-manifest': 'error',
  'other-format': 'error',
  foreign: 'warning',
  'not-a-journal': 'error',
  'damaged-journal': 'warning',
  'no-session': 'warning',
  renamed: 'error',
  leftover: 'note',
}

/** What a check is told of a thing; the rest follows from its code. */
export interface Found {
  readonly code: FindingCode
  readonly meaning: string
  readonly advice: string
  /** Where it matters otherwise than it does mostly. */
  readonly severity?: DirectoryFinding['severity']
}

/** Findings, as they add up: a million files of one kind are one line. */
export class Findings {
  readonly #all = new Map<string, DirectoryFinding>()

  /** @param folder what it is in: `.` or a shard. @param name its name there; `undefined` for the folder itself */
  add(folder: string, name: string | undefined, found: Found): void {
    const { code, meaning, advice, severity = SEVERITY[code] } = found
    const kind = `${folder}/${name === undefined ? '.' : ''}/${code}`
    const before = this.#all.get(kind)
    const path = before?.path ?? pathIn(folder, name)
    this.#all.set(kind, {
      ...(before ?? { code, severity, path, meaning, advice }),
      count: (before?.count ?? 0) + 1,
    })
  }

  /** The worst first. */
  list(): DirectoryFinding[] {
    const rank = { error: 0, warning: 1, note: 2 }
    return [...this.#all.values()].sort((a, b) => rank[a.severity] - rank[b.severity])
  }
}

function pathIn(folder: string, name: string | undefined): string {
  if (name === undefined) return folder
  return folder === '.' ? labelOf(name) : `${folder}/${labelOf(name)}`
}

/** A name as it may be shown: no key or id in it, whatever somebody has made of it, and nothing that moves a cursor. */
export function labelOf(name: string): string {
  return name
    .replace(/[A-Za-z0-9_-]{40,}/g, (text) => `${text.slice(0, 6)}...`)
    .replace(/[\p{Cc}\p{Cf}]/gu, '?')
}
