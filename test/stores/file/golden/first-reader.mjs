// The rules by which the first release reads a journal, frozen: what is written today has to stay readable for processes
// of that release beside us. It is docs/read-journal.mjs of that time, and is never changed.
import { readFileSync } from 'node:fs'
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

/** What a journal is after one more line. What is not said here changes nothing: the line is void. */
function after(state, line) {
  switch (state.phase) {
    case 'blank':
      if (line === null) return { phase: 'void' }
      return line.kind === 'base' ? { phase: 'open', record: recordOf(line) } : ENDED
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

/** The phase that a journal is in, and its record where there is one: as long as that has not expired, the session. */
export function readJournal(bytes) {
  const { phase, record } = linesOf(bytes).reduce(after, { phase: 'blank' })
  return { phase, record: record ?? null }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { phase, record } = readJournal(readFileSync(process.argv[2]))
  const values = record && Object.fromEntries(record.values)
  console.log(phase, record && { ...record, expires: new Date(record.expires), values })
}
