// Reads a session file and says what is in it: docs/file-format.md as a program, which uses nothing of untorn.
//
//   node docs/read-journal.mjs .sessions/3f/9c04...e1
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { crc32 } from 'node:zlib'

const NEWLINE = 0x0a

/** The lines of a journal, `null` for a damaged one. A last line that is not whole is left out: it may still be written. */
function linesOf(bytes) {
  const lines = []
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start + 1)
    const end = newline === -1 ? bytes.length : newline
    const line = bytes[start] === NEWLINE ? lineOf(bytes.subarray(start + 1, end)) : null
    if (line === null && newline === -1) break
    lines.push(line)
    start = end
  }
  return lines
}

function lineOf(bytes) {
  const zero = bytes.indexOf(0)
  const text = bytes.subarray(8, zero === -1 ? bytes.length : zero)
  if (bytes.toString('latin1', 0, 8) !== crc32(text).toString(16).padStart(8, '0')) return null
  try {
    const line = JSON.parse(text.toString('utf8'))
    return Object.hasOwn(SHAPES, line.kind) && has(SHAPES[line.kind], line) ? line : null
  } catch {
    return null
  }
}

const text = (value) => typeof value === 'string'
const number = (value) => Number.isFinite(value)
const texts = (value) => Array.isArray(value) && value.every(text)
const pairs = (value) => texts(value) && value.length % 2 === 0
const maybe = (is) => (value) => value === undefined || is(value)
const has = (shape, value) => Object.entries(shape).every(([name, is]) => is(value[name]))

const HOLDER = { pid: number, thread: number, started: text, boot: text, space: text, store: text }
const SHAPES = {
  base: {
    format: (value) => value === 1,
    key: maybe(text),
    version: number,
    created: number,
    expires: number,
    values: pairs,
    owner: maybe(text),
  },
  change: {
    id: text,
    at: number,
    set: maybe(pairs),
    delete: maybe(texts),
    expires: maybe(number),
    owner: maybe((value) => value === null || text(value)),
    ifVersion: maybe(number),
  },
  end: { id: text, ifExpires: maybe(number) },
  seal: { id: text, holder: (value) => has(HOLDER, Object(value)), replaces: maybe(text) },
}

const ENDED = { phase: 'ended' }

/** What the journal of a session is after one more line. What is not said here changes nothing: the line is void. */
function after(state, line, key) {
  switch (state.phase) {
    case 'blank':
      if (line === null) return { phase: 'void' }
      if (line.kind !== 'base') return ENDED
      if (key !== undefined && line.key !== undefined && line.key !== key) return { phase: 'void' }
      return { phase: 'open', record: recordOf(line) }
    case 'void':
      return line?.kind === 'end' && line.ifExpires === -1 ? ENDED : state
    case 'open':
      return afterOpen(state, line)
    case 'sealed':
      return line?.kind === 'seal' && line.replaces === state.seal ? { ...state, seal: line.id } : state
    default:
      return state
  }
}

function afterOpen(state, line) {
  const { record } = state
  switch (line?.kind) {
    case 'change': {
      if (record.expires <= line.at) return ENDED
      if (line.ifVersion !== undefined && line.ifVersion !== record.version) return state
      change(record, line)
      return record.expires <= line.at ? ENDED : state
    }
    case 'end':
      return line.ifExpires === undefined || line.ifExpires === record.expires ? ENDED : state
    case 'seal':
      return line.replaces === undefined ? { ...state, phase: 'sealed', seal: line.id } : state
    default:
      return state
  }
}

function recordOf({ version, created, expires, values, owner = null }) {
  return { version, created, expires, owner, values: setPairs(new Map(), values) }
}

function change(record, { set = [], delete: removed = [], expires, owner }) {
  for (const name of removed) record.values.delete(name)
  setPairs(record.values, set)
  if (set.length > 0 || removed.length > 0) record.version++
  if (expires !== undefined) record.expires = expires
  if (owner !== undefined) record.owner = owner
}

function setPairs(values, pairs) {
  for (let i = 0; i < pairs.length; i += 2) values.set(pairs[i], pairs[i + 1])
  return values
}

/**
 * The phase that a journal is in, and its record where there is one: as long as that has not expired, the session.
 * `key` is what its name says: a file that was renamed is no session.
 */
export function readJournal(bytes, key) {
  const { phase, record } = linesOf(bytes).reduce((state, line) => after(state, line, key), {
    phase: 'blank',
  })
  return { phase, record: record ?? null }
}

/** The key that a path ends in; `undefined` for a file that lies elsewhere, such as a copy to look at. */
function keyOf(path) {
  return /([0-9a-f]{2})[/\\]([0-9a-f]{62})$/.exec(path)?.slice(1).join('')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , file] = process.argv
  const { phase, record } = readJournal(readFileSync(file), keyOf(resolve(file)))
  const values = record && Object.fromEntries(record.values)
  console.log(phase, record && { ...record, expires: new Date(record.expires), values })
}
