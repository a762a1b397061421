import { bytesOf, type Call } from './calls.ts'

/** What a traced process says in the trace itself, so that it stands there in order with its system calls. */
export type Note =
  /** A step begins, or is about to ask for something; one step may ask for several sessions. */
  | { note: 'asks'; step: string; asked: Asked | undefined }
  /** The step was answered: what it asked for is promised from here on. */
  | { note: 'answers'; step: string }

export interface Asked {
  key: string
  /** JSON texts by name; null: without that value. */
  sets?: Record<string, string | null>
  /** The session is to end. */
  ends?: true
}

/** The descriptor on which a process writes its notes (`children/notes.mjs`). */
export const NOTES = 3

const SENDS = /^(write|writev|sendto|sendmsg)$/

/** What a call notes, as it starts: an answer may reach somebody from then on. */
export function noteIn({ name, args }: Call): Note | undefined {
  if (!SENDS.test(name)) return undefined
  if (args[0]?.startsWith(`${NOTES}</dev/null`)) return ownNote(String(bytesOf(args[1]!)))
  // The head of a response, as strace writes it; what it answers stands in a header.
  const step = /"HTTP\/1\.1 .*?\\r\\nanswers: ([\w-]+)\\r\\n/i.exec(args.slice(1).join())?.[1]
  return step === undefined ? undefined : { note: 'answers', step }
}

function ownNote(text: string): Note {
  const [, note, step, asked] = /^(asks|answers) ([\w-]+) ?(.*)$/.exec(text) ?? []
  if (step === undefined) throw new Error(`Not a note: ${text}`)
  if (note === 'answers') return { note, step }
  return { note: 'asks', step, asked: asked ? (JSON.parse(asked) as Asked) : undefined }
}
