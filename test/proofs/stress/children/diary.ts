import { openSync, writeSync } from 'node:fs'
import { type MaybePromise, type SessionKey, UntornError } from 'untorn'
import type { Answer, Call, SeenRecord } from '../history/operation.ts'
import { type Address, type Entry, nameOf, type Setup } from '../wire.ts'

/**
 * What this process did, announced before and noted after, in a file: what was written is with the system, and stays
 * when the process is killed.
 */
export class Diary {
  readonly #fd: number
  readonly #start: bigint
  readonly #name: string
  #calls = 0

  constructor({ diary, start, name }: Pick<Setup, 'diary' | 'start' | 'name'>) {
    this.#fd = openSync(diary, 'a')
    this.#start = BigInt(start)
    this.#name = name
  }

  /** Calls announced so far. */
  get calls(): number {
    return this.#calls
  }

  /** The id that the next call will have. */
  get nextId(): string {
    return `${this.#name}.${this.#calls + 1}`
  }

  write(entry: Entry): void {
    writeSync(this.#fd, `${JSON.stringify(entry)}\n`)
  }

  /** A session's whole key, which its name does not tell. */
  key({ place, key }: Address): void {
    this.write({ key, place })
  }

  async call({ place, key }: Address, call: Call, act: () => MaybePromise<Answer>): Promise<Answer> {
    const n = this.#announce(place, nameOf(key), call)
    const began = this.#now()
    let answer: Answer
    try {
      const given = act()
      answer = given instanceof Promise ? await given : given
    } catch (error) {
      answer = failed(error, key)
    }
    this.write({ answer, n, began, at: this.#now(), wall: Date.now() })
    return answer
  }

  /** A pass through all sessions of a place. */
  async list(place: string, act: () => Promise<Record<string, SeenRecord>>): Promise<void> {
    await this.#onAll(place, { verb: 'list' }, async () => ({ listed: await act() }))
  }

  async sweep(place: string, act: () => Promise<number>): Promise<void> {
    await this.#onAll(place, { verb: 'sweep' }, async () => ({ swept: await act() }))
  }

  async #onAll(
    place: string,
    call: Call,
    act: () => Promise<{ listed: Record<string, SeenRecord> } | { swept: number }>,
  ): Promise<void> {
    const n = this.#announce(place, '', call)
    const began = this.#now()
    const heard = await act().catch((error: unknown) => ({ answer: failed(error) }))
    this.write({ ...heard, n, began, at: this.#now(), wall: Date.now() })
  }

  #announce(place: string, session: string, call: Call): number {
    const n = ++this.#calls
    this.write({ call, n, at: this.#now(), wall: Date.now(), place, session })
    return n
  }

  #now(): number {
    return Number(process.hrtime.bigint() - this.#start) / 1e6
  }
}

function failed(error: unknown, key?: SessionKey): Answer {
  const { name, code, message, cause } = error as Error & { code?: unknown }
  const seen = {
    name,
    ours: error instanceof UntornError,
    code: String(code),
    message,
    leaks: key !== undefined && message.includes(key.slice(2)),
  }
  if (cause === undefined) return { is: 'failed', error: seen }
  const { code: reason } = cause as { code?: unknown }
  return { is: 'failed', error: { ...seen, cause: typeof reason === 'string' ? reason : '' } }
}
