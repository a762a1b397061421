import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Runtime } from './runtimes.ts'

/** What a program of `programs/` says at its end. */
export interface Answer {
  /** Of the runtime. */
  readonly version: string
  readonly passed: number
  readonly skipped: number
  /** Cases that failed, each with its reason. */
  readonly failed: readonly string[]
}

/** A program that is under way. */
export interface Started {
  /** Resolves with the first line that it writes. */
  readonly ready: Promise<void>
  readonly answer: Promise<Answer>
}

const LONGEST_MS = 300_000

/**
 * Runs a program of `programs/` on a runtime. It ends with one line of JSON; where it does not, the error has what it wrote
 * besides.
 */
export function started(runtime: Runtime, program: string, ...args: string[]): Started {
  const [command, ...before] = runtime.command
  const file = fileURLToPath(new URL(`programs/${program}`, import.meta.url))
  const child = spawn(command, [...before, file, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS)
  let said = ''
  let complained = ''
  child.stderr.on('data', (chunk) => {
    complained += String(chunk)
  })
  const answer = new Promise<Answer>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(late)
      const last = said.trim().split('\n').at(-1) ?? ''
      if (code === 0 && last.startsWith('{')) resolve(JSON.parse(last) as Answer)
      else reject(new Error(`${program} on ${runtime.name} ended with ${code}:\n${said}\n${complained}`))
    })
  })
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      said += String(chunk)
      if (said.includes('\n')) resolve()
    })
    answer.catch(reject)
  })
  ready.catch(() => {})
  return { ready, answer }
}
