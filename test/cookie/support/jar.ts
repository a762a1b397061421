import { parseSetCookie } from 'cookie'

/** One cookie as a browser keeps it. */
interface Kept {
  name: string
  value: string
  path: string
}

/**
 * The cookies of one browser for one host. As browsers do, it tells two apart by name, domain, path and partition, and sends
 * whatever it has, longer paths first.
 */
export class Jar {
  readonly #kept = new Map<string, Kept>()
  readonly #partitions: boolean

  /** `partitions`: whether it knows `Partitioned`, which older ones ignore. */
  constructor({ partitions = true } = {}) {
    this.#partitions = partitions
  }

  /** Keeps what an answer sets, in its order. */
  keep(...lines: (string | undefined)[]): void {
    for (const line of lines) {
      if (line === undefined) continue
      const { name, value = '', domain = '', path = '/', partitioned, maxAge } = parseSetCookie(line)
      const shape = [name, domain, path, this.#partitions && partitioned === true].join(' ')
      if (maxAge === 0) this.#kept.delete(shape)
      else this.#kept.set(shape, { name, value, path })
    }
  }

  get header(): string | undefined {
    const sent = [...this.#kept.values()].sort((a, b) => b.path.length - a.path.length)
    return sent.length === 0 ? undefined : sent.map(({ name, value }) => `${name}=${value}`).join('; ')
  }

  get names(): string[] {
    return [...this.#kept.values()].map(({ name }) => name)
  }
}
