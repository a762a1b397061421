import { setTimeout as delay } from 'node:timers/promises'

/** What better-auth takes as its `secondaryStorage`. */
export interface Storage {
  get(key: string): Promise<string | null>
  set(key: string, value: string, ttl?: number): Promise<void>
  delete(key: string): Promise<void>
  getAndDelete(key: string): Promise<string | null>
  increment(key: string, ttl: number): Promise<number>
}

/** As applications write it: texts in a map, which answers after some milliseconds. */
export function lateMap(): Storage {
  const texts = new Map<string, string>()
  const later = async <T>(work: () => T): Promise<T> => {
    await delay(2 + Math.random() * 5)
    return work()
  }
  return {
    get: (key) => later(() => texts.get(key) ?? null),
    set: (key, value) => later(() => void texts.set(key, value)),
    delete: (key) => later(() => void texts.delete(key)),
    getAndDelete: (key) =>
      later(() => {
        const text = texts.get(key) ?? null
        texts.delete(key)
        return text
      }),
    increment: (key) =>
      later(() => {
        const next = Number(texts.get(key) ?? 0) + 1
        texts.set(key, String(next))
        return next
      }),
  }
}
