import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { main } from '../../src/tools/cli/main.ts'

/** This package's directory: an application with all drivers. */
export const WITH_DRIVERS = fileURLToPath(new URL('../..', import.meta.url))

interface Around {
  cwd?: string
  env?: Record<string, string>
  signal?: AbortSignal
  /** So many columns of a terminal are where errors go. Default: no terminal. */
  columns?: number
  /** Told of all that is printed to it. */
  onError?(text: string): void
}

interface Ran {
  code: number
  stdout: string
  stderr: string
}

/** Carries out a command line in this process. */
export async function run(args: readonly string[], around: Around = {}): Promise<Ran> {
  const { cwd = WITH_DRIVERS, env = {}, signal = new AbortController().signal, columns, onError } = around
  const printed = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr'): NodeJS.WriteStream => {
    const through = new PassThrough()
    through.on('data', (chunk) => {
      printed[name] += chunk
      if (name === 'stderr') onError?.(String(chunk))
    })
    const terminal = name === 'stderr' && columns !== undefined ? { isTTY: true, columns, rows: 20 } : {}
    return Object.assign(through as unknown as NodeJS.WriteStream, terminal)
  }
  const [stdout, stderr] = [stream('stdout'), stream('stderr')]
  const code = await main(args, { stdout, stderr, env, cwd, version: '1.2.3', signal })
  await new Promise(setImmediate)
  return { code, ...printed }
}
