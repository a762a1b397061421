import { crc32 } from 'node:zlib'

/** The journal's format, written into each base line and into the manifest. */
export const FORMAT = 1

/** Values or keys with their JSON texts, one after the other: an object would reorder keys like "1". */
export type Pairs = readonly string[]

/** The whole record: always a journal's first line, and valid only there. */
export interface BaseLine {
  kind: 'base'
  format: number
  /** The session's, so that a file under another one's name is no session. Journals of the first releases have none. */
  key?: string
  version: number
  created: number
  expires: number
  values: Pairs
  owner?: string
}

/** What a save did. */
export interface ChangeLine {
  kind: 'change'
  /** Unique to this append, so that its author finds it again. */
  id: string
  /** When it was appended (ms since the epoch): if the session had expired by then, that is its end. */
  at: number
  set?: Pairs
  delete?: readonly string[]
  expires?: number
  owner?: string | null
  ifVersion?: number
}

/** The session is over. */
export interface EndLine {
  kind: 'end'
  id: string
  /** Only if the expiry at this place is still this one. */
  ifExpires?: number
}

/** A fold has begun. */
export interface SealLine {
  kind: 'seal'
  id: string
  holder: Holder
  /** A take-over: the seal whose holder was found dead. */
  replaces?: string
}

/** A line that fails its checksum, or isn't one of ours, while others follow it. */
export interface DamagedLine {
  kind: 'damaged'
}

export type Line = BaseLine | ChangeLine | EndLine | SealLine
export type LineRead = Line | DamagedLine

/** Who may replace a sealed journal: a store in a thread of a process, named so that its death can be told exactly. */
export interface Holder {
  pid: number
  /** The thread's id in the system; the process's where the system doesn't tell. */
  thread: number
  /** When the thread started, in the system's own unit. Empty: unknown. */
  started: string
  /** The boot of the machine that it runs in. Empty: unknown. */
  boot: string
  /** The namespaces of pids and of times. Empty: unknown. */
  space: string
  /** The store object within the thread. */
  store: string
}

const NEWLINE = 0x0a

/** The newline and the checksum. */
const HEAD = 9

/**
 * The bytes of a line: `\n`, CRC-32 of the text as 8 hex digits, JSON text. The newline comes first, so that an append
 * after a torn one starts afresh; JSON never holds a raw newline.
 */
export function encodeLine(line: Line): Buffer {
  const text = line.kind === 'change' ? changeText(line) : JSON.stringify(line)
  const bytes = Buffer.from(`\n00000000${text}`)
  // Of the bytes, not of the text: that would be encoded a second time.
  writeHex(bytes, 1, crc32(bytes.subarray(HEAD)))
  return bytes
}

/** As JSON.stringify has it, in half the time: a save is made of little else. */
function changeText({ id, at, set, delete: deleted, expires, owner, ifVersion }: ChangeLine): string {
  let text = `{"kind":"change","id":${JSON.stringify(id)},"at":${at}`
  if (set) text += `,"set":${JSON.stringify(set)}`
  if (deleted) text += `,"delete":${JSON.stringify(deleted)}`
  if (expires !== undefined) text += `,"expires":${expires}`
  if (owner !== undefined) text += `,"owner":${JSON.stringify(owner)}`
  if (ifVersion !== undefined) text += `,"ifVersion":${ifVersion}`
  return `${text}}`
}

const HEX_DIGITS = Buffer.from('0123456789abcdef')

/** Eight hex digits of a 32-bit number; `toString(16)` is five times slower above 2^31. */
function writeHex(bytes: Buffer, at: number, n: number): void {
  for (let i = 0; i < 8; i++) bytes[at + i] = HEX_DIGITS[(n >>> (28 - 4 * i)) & 15]!
}

/** The number of eight hex digits; NaN where they are none. */
function readHex(bytes: Buffer, at: number): number {
  let n = 0
  for (let i = 0; i < 8; i++) n = n * 16 + DIGIT_OF_CODE[bytes[at + i]!]!
  return n
}

/** By character code: the value of a lower-case hex digit, NaN for anything else. */
const DIGIT_OF_CODE = new Float64Array(256).fill(Number.NaN)
HEX_DIGITS.forEach((code, digit) => {
  DIGIT_OF_CODE[code] = digit
})

/** What {@link decodeLines} found, and where it stopped. */
export interface Decoded {
  lines: LineRead[]
  /** Bytes that need not be read again: all of them, or those before an unfinished last line. */
  consumed: number
  /** Where the first damaged line starts, if there is one. */
  firstDamage: number | undefined
}

/**
 * Reads lines from bytes that start where a line does. A last line that fails its checksum ends the reading, as its
 * append may be in progress; one that others follow is damaged.
 */
export function decodeLines(bytes: Buffer): Decoded {
  const decoded: Decoded = { lines: [], consumed: 0, firstDamage: undefined }
  let zero = bytes.indexOf(0)
  while (decoded.consumed < bytes.length) {
    const start = decoded.consumed
    const text = bytes[start] === NEWLINE ? start + 1 : start
    const next = bytes.indexOf(NEWLINE, text)
    const end = next === -1 ? bytes.length : next
    // A page that power loss took before it was written reads as zeros, behind a line that had been synced; the newline
    // of the next line may be among them, and the rest of that line behind them. No line of ours holds a zero.
    if (zero !== -1 && zero < text) zero = bytes.indexOf(0, text)
    const last = zero === -1 || zero > end ? end : zero
    const line = text > start ? decodeLine(bytes, text, last) : undefined
    if (!line) {
      if (next === -1) break
      decoded.firstDamage ??= start
    }
    decoded.lines.push(line ?? { kind: 'damaged' })
    decoded.consumed = end
  }
  return decoded
}

/**
 * Whether bytes in which there is no line may be the first part of one, whose append is in progress or was cut short. What
 * ends as a line does and is none was damaged since.
 */
export function isCutShort(bytes: Buffer): boolean {
  return bytes.at(-1) !== CLOSING_BRACE || bytes.includes(0)
}

/** What the text of every line ends with. */
const CLOSING_BRACE = 0x7d

/** The line whose checksum begins at `start`. */
function decodeLine(bytes: Buffer, start: number, end: number): Line | undefined {
  const text = start + 8
  if (end < text + 2) return undefined
  if (crc32(bytes.subarray(text, end)) !== readHex(bytes, start)) return undefined
  try {
    const line: unknown = JSON.parse(bytes.toString('utf8', text, end))
    return isLine(line) ? line : undefined
  } catch {
    return undefined // the right checksum over something that isn't JSON: not a line of ours
  }
}

function isLine(line: unknown): line is Line {
  if (typeof line !== 'object' || line === null) return false
  const { kind } = line as { kind?: unknown }
  switch (kind) {
    case 'base':
      return isBase(line as Record<keyof BaseLine, unknown>)
    case 'change':
      return isChange(line as Record<keyof ChangeLine, unknown>)
    case 'end': {
      const end = line as Record<keyof EndLine, unknown>
      return isText(end.id) && isMissingOr(isNumber, end.ifExpires)
    }
    case 'seal': {
      const seal = line as Record<keyof SealLine, unknown>
      return isText(seal.id) && isMissingOr(isText, seal.replaces) && isHolder(seal.holder)
    }
    default:
      return false
  }
}

function isBase(line: Record<keyof BaseLine, unknown>): boolean {
  return (
    line.format === FORMAT &&
    isMissingOr(isText, line.key) &&
    isNumber(line.version) &&
    isNumber(line.created) &&
    isNumber(line.expires) &&
    isPairs(line.values) &&
    isMissingOr(isText, line.owner)
  )
}

function isChange(line: Record<keyof ChangeLine, unknown>): boolean {
  return (
    isText(line.id) &&
    isNumber(line.at) &&
    isMissingOr(isPairs, line.set) &&
    isMissingOr(isTexts, line.delete) &&
    isMissingOr(isNumber, line.expires) &&
    (line.owner === null || isMissingOr(isText, line.owner)) &&
    isMissingOr(isNumber, line.ifVersion)
  )
}

function isHolder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { pid, thread, started, boot, space, store } = value as Record<keyof Holder, unknown>
  return isNumber(pid) && isNumber(thread) && [started, boot, space, store].every(isText)
}

const isText = (value: unknown): boolean => typeof value === 'string'
// Of 1e999 JSON makes Infinity, which no base line could carry on.
const isNumber = (value: unknown): boolean => Number.isFinite(value)
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const isPairs = (value: unknown): boolean => isTexts(value) && (value as string[]).length % 2 === 0
const isMissingOr = (is: (value: unknown) => boolean, value: unknown): boolean =>
  value === undefined || is(value)
