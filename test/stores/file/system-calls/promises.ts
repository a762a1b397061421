import type { SessionRecord } from '../../../../src/contract/record.ts'
import { decodeLines } from '../../../../src/stores/file/journal/line.ts'
import { BLANK, replay } from '../../../../src/stores/file/journal/replay.ts'
import type { Moment } from './calls.ts'
import type { Disk, Kind } from './disk.ts'
import { type Asked, type Note, noteIn } from './notes.ts'
import type { Trace } from './trace.ts'
import { TracedProcess } from './traced-process.ts'

export interface Findings {
  /** What power loss would have broken, and when; empty: no promise at any moment. */
  broken: string[]
  /** Steps that were answered, in order. */
  answered: string[]
}

/**
 * Follows a trace, and asks at each moment: if the power failed now, would all that was answered until now be there? The
 * answer comes from the system calls alone, and from what a journal means.
 */
export function examine({ moments, root, base, before }: Trace, kind?: Kind): Findings {
  const traced = new TracedProcess(before, base, kind)
  const promises = new Promises(traced.disk, root)
  const answered: string[] = []
  const broken = new Map<string, string>()
  for (const moment of moments) {
    const { changes } = traced.disk
    traced.see(moment)
    const note = moment.phase === 'starts' ? noteIn(moment.call) : undefined
    if (note) promises.take(note)
    if (note?.note === 'answers') answered.push(note.step)
    // Until the store has been opened it answers for nothing.
    if (answered.length === 0 || (!note && traced.disk.changes === changes)) continue
    for (const { what, why } of promises.broken()) {
      if (!broken.has(what)) broken.set(what, `${what} by power loss when ${nameOf(moment, note)} (${why})`)
    }
  }
  return { broken: [...broken.values()], answered }
}

function nameOf({ phase, call }: Moment, note: Note | undefined): string {
  return note ? `"${note.step}" ${note.note}` : `${call.name}(${call.args[0]}) ${phase}`
}

interface Broken {
  what: string
  why: string
}

/** What is promised of one session. */
interface Promised {
  /** By step. */
  asked: { step: string; asked: Asked }[]
  /** Values that were answered; undefined: answered to be absent. */
  values: Map<string, string | undefined>
  exists: boolean
  ended: boolean
}

/** What was asked for and what was answered, beside a disk on which it has to last. */
class Promises {
  readonly #disk: Disk
  readonly #root: string
  readonly #sessions = new Map<string, Promised>()

  constructor(disk: Disk, root: string) {
    this.#disk = disk
    this.#root = root
  }

  take(note: Note): void {
    if (note.note === 'asks') {
      const { step, asked } = note
      if (asked) this.#of(asked.key).asked.push({ step, asked })
    } else for (const promised of this.#sessions.values()) answer(promised, note.step)
  }

  /** What would not be as it was answered. */
  broken(): Broken[] {
    const found = [...this.#sessions].flatMap(([key, promised]) => this.#brokenOf(key, promised))
    const manifest = `${this.#root}/untorn.json`
    if (this.#mayBeRefused(manifest))
      found.push({ what: 'the directory would be refused', why: this.#disk.doubts(manifest) })
    return found
  }

  #of(key: string): Promised {
    const known = this.#sessions.get(key) ?? { asked: [], values: new Map(), exists: false, ended: false }
    this.#sessions.set(key, known)
    return known
  }

  #brokenOf(key: string, promised: Promised): Broken[] {
    if (!promised.exists && !promised.ended) return []
    const path = `${this.#root}/${key.slice(0, 2)}/${key.slice(2)}`
    const found = this.#disk
      .contents(path)
      .flatMap((bytes) => differences(promised, bytes && recordIn(bytes)))
    const session = `the session ${key.slice(0, 8)} would be`
    return found.map((what) => ({ what: `${session} ${what}`, why: this.#disk.doubts(path) }))
  }

  /** A directory with sessions and without a whole manifest is not taken for ours by the next start. */
  #mayBeRefused(manifest: string): boolean {
    const shards = this.#disk.names(this.#root).filter((name) => /^[0-9a-f]{2}$/.test(name))
    return shards.length > 0 && this.#disk.contents(manifest).some((bytes) => !isManifest(bytes))
  }
}

function answer(promised: Promised, step: string): void {
  for (const { asked } of promised.asked.filter((each) => each.step === step)) {
    promised.exists = true
    promised.ended ||= asked.ends === true
    for (const [name, text] of Object.entries(asked.sets ?? {})) promised.values.set(name, text ?? undefined)
  }
  promised.asked = promised.asked.filter((each) => each.step !== step)
}

function differences({ asked, values, ended }: Promised, record: SessionRecord | undefined): string[] {
  if (ended) return record ? ['back'] : []
  if (!record) return asked.some((each) => each.asked.ends) ? [] : ['lost']
  const wrong = [...values].filter(([name, text]) => {
    const found = record.values.get(name)
    // What was asked for and not answered yet may have got there or not.
    const sets = asked.map((each) => each.asked.sets ?? {}).filter((each) => name in each)
    return found !== text && !sets.some((each) => (each[name] ?? undefined) === found)
  })
  return wrong.map(([name]) => `without its "${name}"`)
}

function recordIn(bytes: Buffer): SessionRecord | undefined {
  const state = replay(BLANK, decodeLines(bytes).lines)
  const record = state.phase === 'open' || state.phase === 'sealed' ? state.record : undefined
  return record && record.expiresAt > Date.now() ? record : undefined
}

function isManifest(bytes: Buffer | undefined): boolean {
  try {
    return (JSON.parse(String(bytes)) as { format?: unknown }).format === 1
  } catch {
    return false
  }
}
