// How much a reader meets on the way of one request: npm run reading [-- --files]. Express, the file store, a session that
// is there and has been used. Of src/ alone, by V8's coverage:
//
// - files: those of which a function ran; what runs while a module is loaded is no part of a request
// - functions: those that ran, arrows and methods among them, each once
// - lines that run: code lines of which anything ran, by the blocks that V8 counts and the map of what esbuild made of the
//   file. Types never run; the fields of a class are not counted, its constructor is.
// - lines: all code lines of those files
//
// A code line has a word in it: blank lines, comments and closing brackets alone are none.
//
// And how deep it goes: frames of src/ between the handler and what it comes to.
//
// A request begins with its first byte, and is over when its connection is and what it left to do has been done. Only the
// public entries are named here, so that everything below them can be moved.
import { parseArgs } from 'node:util'
import { type FileRead, type Measured, measureRequest } from './reading/coverage.ts'
import { Site } from './reading/site.ts'

/** As the columns are named. */
type Counts = readonly (number | '')[]

interface Request {
  path: string
  /** Before the floors of src/ were laid out anew, and how that was counted then, in another way. */
  before: Counts
  atFirst: Counts
  aim: Counts
}

const COLUMNS = ['files', 'functions', 'lines that run', 'lines']

const REQUESTS: Record<string, Request> = {
  'nobody looks': {
    path: '/nobody',
    before: [9, 23, 120, 589],
    atFirst: [8, 20, 110, 580],
    aim: [6, '', '', 500],
  },
  'a read': {
    path: '/read',
    before: [33, 104, 405, 2567],
    atFirst: [29, 98, 400, 2780],
    aim: [16, '', '', 1600],
  },
  'one change': {
    path: '/change',
    before: [42, 167, 777, 3309],
    atFirst: [39, 169, 729, 3540],
    aim: [22, '', '', 2300],
  },
  'a sign-in': {
    path: '/sign-in',
    before: [56, 282, 1274, 4014],
    atFirst: [51, 270, 1130, 4190],
    aim: [28, '', '', 3000],
  },
}

const STACKS = [
  { name: 'req.session > fstat', path: '/read', to: 'fstatSync', before: '14 in 7; at first 14' },
  { name: 'a value set > its text', path: '/change', to: 'stringify', before: '7 in 5; at first 9' },
  { name: 'res.end() > the append', path: '/change', to: 'writeSync', before: '25 in 13; at first 25 in 12' },
] as const

const { values: options } = parseArgs({ options: { files: { type: 'boolean', default: false } } })

const site = await Site.start()
try {
  const measured = new Map<string, Measured>()
  for (const [name, { path }] of Object.entries(REQUESTS)) {
    measured.set(name, measureRequest(site.folder, await site.request(path)))
  }
  printTable(measured)
  for (const { name, path, to, before } of STACKS) {
    const stack = await site.stack(path, to)
    const files = new Set(stack.map(({ file }) => file)).size
    console.log(`${name}: ${stack.length} frames in ${files} files (before ${before})`)
    if (options.files) for (const { file, name } of stack) console.log(`  ${name}  ${file}`)
  }
  if (options.files) for (const [name, { files }] of measured) printFiles(name, files)
} finally {
  await site.close()
}

function printTable(measured: ReadonlyMap<string, Measured>): void {
  const row = (name: string, cells: readonly (string | number)[]): void => {
    console.log([name.padEnd(24), ...cells.map((cell) => cell.toLocaleString('en').padStart(16))].join(''))
  }
  row('', COLUMNS)
  for (const [name, { files, functions, ran, lines }] of measured) {
    const { before, atFirst, aim } = REQUESTS[name]!
    row(name, [files.length, functions, ran, lines])
    row('  before', before)
    row('  as counted at first', atFirst)
    row('  aim', aim)
  }
}

function printFiles(request: string, files: readonly FileRead[]): void {
  console.log(`\n${request}`)
  for (const { file, functions, ran, lines } of files) {
    console.log(`  ${file}: ${functions} functions, ${ran} of ${lines} lines`)
  }
}
