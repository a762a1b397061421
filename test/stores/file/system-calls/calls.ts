/** A system call as strace saw it. */
export interface Call {
  thread: number
  name: string
  /** Arguments as strace writes them: `19</path>`, `"text\n"`, `O_RDWR|O_CREAT`. */
  args: string[]
  /** What it returned; `undefined`: it never did. */
  result: number | undefined
  /** The name of the system's error, such as `EIO`. */
  error: string | undefined
}

/**
 * The beginning or the end of a call, in the order of the trace. A thread stands still while strace writes either, so
 * that what the lines say holds: a call that returns above the start of another one was over before that began.
 */
export interface Moment {
  phase: 'starts' | 'returns'
  call: Call
}

const UNFINISHED = ' <unfinished ...>'

/** Reads the output of `strace -f -o`: the calls of several threads, whose lines may be cut in two by each other's. */
export function readCalls(text: string): Moment[] {
  const moments: Moment[] = []
  const begun = new Map<number, { call: Call; text: string }>()
  for (const line of text.split('\n')) {
    const [, thread, what] = /^(\d+) +(.*)$/.exec(line) ?? []
    if (what === undefined || /^(\+\+\+|---) /.test(what)) continue // a thread's end, a signal
    const resumed = /^<\.\.\. \w+ resumed>/.exec(what)?.[0]
    if (resumed !== undefined) {
      const first = begun.get(Number(thread))
      if (!first) throw new Error(`A call goes on that never began: ${line}`)
      begun.delete(Number(thread))
      fill(first.call, first.text + what.slice(resumed.length))
      moments.push({ phase: 'returns', call: first.call })
      continue
    }
    const call: Call = { thread: Number(thread), name: '', args: [], result: undefined, error: undefined }
    moments.push({ phase: 'starts', call })
    if (what.endsWith(UNFINISHED)) {
      const first = what.slice(0, -UNFINISHED.length)
      fill(call, first)
      begun.set(call.thread, { call, text: first })
    } else {
      fill(call, what)
      moments.push({ phase: 'returns', call })
    }
  }
  return moments
}

/** Everything that a line says, or the beginning of one. */
function fill(call: Call, text: string): void {
  const open = text.indexOf('(')
  const { args, end } = splitArguments(text, open + 1)
  const [, result, error] = /^\)\s*= (-?\d+|\?)(?:<[^>]*>)?(?: (E[A-Z0-9]+))?/.exec(text.slice(end)) ?? []
  if (open < 1 || (end < text.length && result === undefined)) throw new Error(`Not a call: ${text}`)
  call.name = text.slice(0, open)
  call.args = args
  call.result = result === undefined || result === '?' ? undefined : Number(result)
  call.error = error
}

/** A text in quotes, a descriptor's path, or any other character. */
const TOKEN = /"(?:[^"\\]|\\.)*"(?:\.\.\.)?|<[^<>]*>|[\s\S]/y

/** Arguments from a position on, up to the parenthesis that closes them or to the end of an unfinished line. */
function splitArguments(text: string, from: number): { args: string[]; end: number } {
  const args: string[] = []
  let argument = ''
  let depth = 0
  let at = from
  for (; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at
    const token = TOKEN.exec(text)![0]
    if ('([{'.includes(token)) depth++
    if (token === ')' && depth === 0) break
    if (')]}'.includes(token)) depth--
    if (token === ',' && depth === 0) {
      args.push(argument.trim())
      argument = ''
    } else argument += token
  }
  if (argument.trim() !== '' || args.length > 0) args.push(argument.trim())
  return { args, end: at }
}

/** Whether an argument is a text in quotes: a path, or bytes. */
export const isQuoted = (argument: string): boolean => argument.startsWith('"')

const LETTERS: Record<string, number> = { n: 10, t: 9, r: 13, v: 11, f: 12 }

/** The bytes of a quoted argument, of which strace writes what is not printable as C does. */
export function bytesOf(argument: string): Buffer {
  const text = /^"((?:[^"\\]|\\.)*)"$/.exec(argument)?.[1]
  if (text === undefined) throw new Error(`Not a whole text in quotes: ${argument}`)
  const plain = text.replace(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
    String.fromCharCode(
      /^[0-7]/.test(code) ? Number.parseInt(code, 8) : (LETTERS[code] ?? code.charCodeAt(0)),
    ),
  )
  return Buffer.from(plain, 'latin1')
}

/** The path that strace (`-y`) found behind a descriptor: `/path` of `19</path>`. */
export function descriptorPath(argument: string | undefined): string | undefined {
  return /^\d+<([^>]*)>/.exec(argument ?? '')?.[1]
}
