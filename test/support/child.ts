import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { onTestFinished } from 'vitest'
import { madeOnce } from './run.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A process of its own that runs a script of the tests with the package as it ships. */
export interface Child {
  readonly process: ChildProcess
  /** Resolves with the next line that it prints; rejects if it ends before. */
  line(): Promise<string>
  /** Resolves when it ends; rejects if that was with an error. */
  ended(): Promise<void>
}

/** Starts a script, given as a URL, with arguments. What is left of it when the test is over is killed. */
export function startChild(script: URL, ...args: string[]): Child {
  return startChildBy(process.execPath, [], script, ...args)
}

/** The same by way of a command that starts what its last arguments say, or of Node.js with options. */
export function startChildBy(command: string, options: string[], script: URL, ...args: string[]): Child {
  const node = command === process.execPath ? [] : [process.execPath]
  const child = spawn(command, [...options, ...node, compiled(script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const over = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  onTestFinished(() => void child.kill('SIGKILL'))
  return {
    process: child,
    async line() {
      const next = await lines.next()
      if (next.done) throw new Error('The child process ended without printing what it was waited for.')
      return next.value
    },
    async ended() {
      const [code, signal] = await over
      if (code !== 0) throw new Error(`The child process ended with ${signal ?? `exit code ${code}`}.`)
    },
  }
}

/**
 * The path of a script of the tests as one file of JavaScript, with what it imports of them: a process starts with that in
 * a third of the time that it needs to compile as it goes. What it imports by the name of the package is dist/.
 */
export function compiled(script: URL): string {
  const path = fileURLToPath(script)
  const name = `${relative(ROOT, path).replaceAll(/[/\\]/g, '.')}.mjs`
  return madeOnce(name, (outfile) => {
    buildSync({
      entryPoints: [path],
      outfile,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      tsconfig: `${ROOT}/tsconfig.run.json`,
      logLevel: 'warning',
    })
  })
}
