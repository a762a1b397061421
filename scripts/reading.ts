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
import { type Measured, measureRequest } from './reading/coverage.ts'
import { Site } from './reading/site.ts'

/** As it was before the floors of src/ were laid out anew, and where it is to go. */
const REQUESTS = [
  { name: 'nobody looks', path: '/nobody', before: [8, 20, 110, 580], aim: [6, 500] },
  { name: 'read', path: '/read', before: [29, 98, 400, 2780], aim: [16, 1600] },
  { name: 'one change', path: '/change', before: [39, 169, 729, 3540], aim: [22, 2300] },
  { name: 'sign-in', path: '/sign-in', before: [51, 270, 1130, 4190], aim: [28, 3000] },
] as const

const STACKS = [
  { name: 'req.session > fstat', path: '/read', to: 'fstatSync', before: '14 frames' },
  { name: 'a value set > its text', path: '/change', to: 'stringify', before: '9 frames' },
  { name: 'res.end() > the append', path: '/change', to: 'writeSync', before: '25 frames in 12 files' },
] as const

const { values: options } = parseArgs({ options: { files: { type: 'boolean', default: false } } })

const site = await Site.start()
try {
  const measured: [name: string, Measured][] = []
  const table: Record<string, Record<string, string>> = {}
  for (const { name, path, before, aim } of REQUESTS) {
    const found = measureRequest(site.folder, await site.request(path))
    measured.push([name, found])
    table[name] = {
      files: told(found.files.length, before[0], aim[0]),
      functions: told(found.functions, before[1]),
      'lines that run': told(found.ran, before[2]),
      lines: told(found.lines, before[3], aim[1]),
    }
  }
  console.log('Each: now (before; aim)')
  console.table(table)
  for (const { name, path, to, before } of STACKS) {
    const stack = await site.stack(path, to)
    const files = new Set(stack.map(({ file }) => file)).size
    console.log(`${name}: ${stack.length} frames in ${files} files (${before})`)
    if (options.files) for (const { file, name } of stack) console.log(`  ${name}  ${file}`)
  }
  if (options.files) {
    for (const [name, { files }] of measured) {
      console.log(`\n${name}`)
      for (const { file, functions, ran, lines } of files) {
        console.log(`  ${file}: ${functions} functions, ${ran} of ${lines} lines`)
      }
    }
  }
} finally {
  await site.close()
}

function told(now: number, before: number, aim?: number): string {
  const count = (n: number): string => n.toLocaleString('en')
  return `${count(now)} (${count(before)}${aim === undefined ? '' : `; ${count(aim)}`})`
}
