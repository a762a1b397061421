import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import type { FunctionCoverage, ScriptCoverage } from './visits.ts'

export interface FileRead {
  /** Below the package's folder. */
  file: string
  functions: number
  /** Lines that ran. */
  ran: number
  /** Code lines. */
  lines: number
}

/** What one request takes to read. */
export interface Measured {
  files: FileRead[]
  functions: number
  ran: number
  lines: number
}

/** @param folder where the measured files are, each beside its map */
export function measureRequest(folder: string, scripts: readonly ScriptCoverage[]): Measured {
  const files = scripts.map((script) => measureFile(folder, script)).filter(({ functions }) => functions > 0)
  const sum = (what: 'functions' | 'ran' | 'lines'): number =>
    files.reduce((all, file) => all + file[what], 0)
  return {
    files: files.sort((a, b) => (a.file < b.file ? -1 : 1)),
    functions: sum('functions'),
    ran: sum('ran'),
    lines: sum('lines'),
  }
}

function measureFile(folder: string, { file, functions }: ScriptCoverage): FileRead {
  const code = readFileSync(join(folder, file), 'utf8')
  const map = new SourceMap(JSON.parse(readFileSync(join(folder, `${file}.map`), 'utf8')))
  const [source] = map.payload.sourcesContent
  const written = functions.filter(({ functionName }) => isWritten(functionName))
  const isCode = codeLines(source!)
  return {
    file: file.replace(/\.js$/, '.ts'),
    functions: written.filter(({ ranges }) => ranges[0]!.count > 0).length,
    ran: [...ranLines(code, written, map)].filter((line) => isCode[line]).length,
    lines: isCode.filter((is) => is).length,
  }
}

/** V8 has functions of its own for the fields of a class, which for a reader are no code that runs. */
function isWritten(name: string): boolean {
  return !/^<.*_initializer>$/.test(name)
}

/** The source lines of which something ran. */
function ranLines(code: string, functions: readonly FunctionCoverage[], map: SourceMap): Set<number> {
  const counts = new Uint8Array(code.length)
  // From the outside to the inside: what is told last of a place is what counts.
  const outermostFirst = functions
    .map(({ ranges }) => ranges)
    .sort(([a], [b]) => a!.startOffset - b!.startOffset || b!.endOffset - a!.endOffset)
  for (const { startOffset, endOffset, count } of outermostFirst.flat()) {
    counts.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  }
  const ran = new Set<number>()
  let at = 0
  for (const [line, text] of code.split('\n').entries()) {
    for (let column = 0; column < text.length; column++) {
      if (counts[at + column] === 0) continue
      const entry = map.findEntry(line, column)
      // Of other places the map only says what stands before them.
      if (!('originalLine' in entry) || entry.generatedLine !== line || entry.generatedColumn !== column)
        continue
      ran.add(entry.originalLine)
    }
    at += text.length + 1
  }
  return ran
}

/** Of each line, whether there is a word in it that stands in no comment. */
function codeLines(source: string): boolean[] {
  let inComment = false
  return source.split('\n').map((text) => {
    const line = text.trim()
    if (line.startsWith('/*')) inComment = true
    const isCode = !inComment && !line.startsWith('//') && /\w/.test(line)
    if (line.endsWith('*/')) inComment = false
    return isCode
  })
}
