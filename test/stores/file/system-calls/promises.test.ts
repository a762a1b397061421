import { describe, expect, test } from 'vitest'
import { encodeLine, type Line } from '../../../../src/stores/file/journal/line.ts'
import { readCalls } from './calls.ts'
import { examine } from './promises.ts'

const KEY = '3f'.padEnd(64, '0')
const FILE = `/d/3f/${KEY.slice(2)}`

const later = Date.now() + 3_600_000
const base: Line = { kind: 'base', format: 1, version: 0, created: 0, expires: later, values: ['a', '1'] }
const change = (name: string): Line => ({ kind: 'change', id: name, at: 0, set: [name, '2'] })
const end: Line = { kind: 'end', id: 'end' }

const quoted = (text: string): string =>
  `"${text.replace(/[\n"\\]/g, (each) => (each === '\n' ? '\\n' : `\\${each}`))}"`
const append = (line: Line): string => {
  const bytes = encodeLine(line)
  return `write(5<${FILE}>, ${quoted(String(bytes))}, ${bytes.length}) = ${bytes.length}`
}
const note = (text: string): string => `write(3</dev/null>, ${quoted(text)}, ${text.length}) = ${text.length}`
const asks = (step: string, asked: object): string =>
  note(`asks ${step} ${JSON.stringify({ key: KEY, ...asked })}`)
const answers = (step: string): string => note(`answers ${step}`)
const sync = `fdatasync(5<${FILE}>) = 0`

/** A session that was created as it should be, in a directory that was synced. */
const created = [
  'openat(AT_FDCWD</>, "/", O_RDONLY) = 4',
  'fsync(4</>) = 0',
  answers('start'),
  asks('create', { sets: { a: '1' } }),
  'mkdir("/d/3f", 0700) = 0',
  `openat(AT_FDCWD</>, "${FILE}", O_RDWR|O_CREAT|O_EXCL, 0600) = 5`,
  append(base),
  sync,
  ...['/d/3f', '/d'].flatMap((path) => [
    `openat(AT_FDCWD</>, "${path}", O_RDONLY) = 6`,
    `fsync(6<${path}>) = 0`,
  ]),
  answers('create'),
]

function brokenBy(...lines: string[]): string[] {
  const manifest = { path: '/d/untorn.json', bytes: Buffer.from('{"format":1}'), synced: true }
  const before = { directories: ['/d'], files: [manifest] }
  const moments = readCalls([...created, ...lines].map((line) => `1 ${line}`).join('\n'))
  const { broken } = examine({ moments, before, base: '/d', root: '/d' })
  // Until the first session was created, nobody had synced the names in the directory.
  return broken.filter((each) => !each.startsWith('the directory'))
}

describe('what was answered', () => {
  test('is safe once it was synced', () => {
    expect(brokenBy(asks('save', { sets: { b: '2' } }), append(change('b')), sync, answers('save'))).toEqual(
      [],
    )
  })

  test('is not while it was only written', () => {
    expect(brokenBy(asks('save', { sets: { b: '2' } }), append(change('b')), answers('save'), sync)).toEqual([
      'the session 3f000000 would be without its "b" by power loss when "save" answers (writes not synced: 1)',
    ])
  })

  test('stays promised while something else is asked for', () => {
    const lost = [asks('save', { sets: { b: '2' } }), append(change('b')), answers('save')]
    expect(brokenBy(asks('other', { sets: { c: '2' } }), ...lost)).toHaveLength(1)
  })

  test('may be replaced by what is asked for next, from then on', () => {
    const next = { kind: 'change', id: 'next', at: 0, set: ['a', '2'] } as const
    expect(brokenBy(asks('save', { sets: { a: '2' } }), append(next), sync)).toEqual([])
    expect(brokenBy(append(next))).toEqual([expect.stringContaining('without its "a"')])
  })

  test('a session that was ended is not back, nor lost before', () => {
    expect(brokenBy(asks('end', { ends: true }), append(end), sync, answers('end'))).toEqual([])
    expect(brokenBy(asks('end', { ends: true }), append(end), answers('end'))).toEqual([
      expect.stringContaining('would be back'),
    ])
    expect(brokenBy(append(end))).toEqual([expect.stringContaining('would be lost')])
  })
})
