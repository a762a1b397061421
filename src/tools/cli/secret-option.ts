import { closeSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from './exit.ts'

/** Bytes. */
const LONGEST = 64 * 1024

const FORMS =
  'write env:<NAME> for an environment variable that holds it, or file:<path> for a file, as others on the machine can read ' +
  'what is on a command line'

/** A secret, from where others can't read it. Throws a {@link UsageError} that quotes nothing of what was given. */
export function secretOf(text: string, { env, cwd }: { env: NodeJS.ProcessEnv; cwd: string }): string {
  const [, kind, rest = ''] = /^(env|file):(.*)$/s.exec(text) ?? []
  if (kind === undefined) throw new UsageError(`--secret: ${FORMS}.`)
  const secret = kind === 'env' ? fromVariable(rest, env) : fromFile(resolve(cwd, rest))
  if (secret === '') throw new UsageError('--secret: it is empty.')
  return secret
}

function fromVariable(name: string, env: NodeJS.ProcessEnv): string {
  if (!/^\w+$/.test(name)) throw new UsageError('--secret: after "env:" comes the name of a variable.')
  const secret = env[name]
  if (secret === undefined) throw new UsageError(`--secret: the environment has no variable ${name}.`)
  return secret
}

/** Without the end of its line, which editors add. */
function fromFile(path: string): string {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch (error) {
    throw new UsageError(`--secret: the file can't be read (${(error as NodeJS.ErrnoException).code}).`)
  }
  try {
    const bytes = Buffer.alloc(LONGEST + 1)
    const length = readSync(fd, bytes)
    if (length > LONGEST) throw new UsageError('--secret: the file is too large to be that of a secret.')
    return bytes.toString('utf8', 0, length).replace(/\r?\n$/, '')
  } finally {
    closeSync(fd)
  }
}
