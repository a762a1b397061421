import { fileURLToPath } from 'node:url'
import type { AstroDriver } from '../../../src/astro.ts'

/** What a page has of a session. */
export interface AstroSession {
  get(name: string): Promise<unknown>
  set(name: string, value: unknown, options?: { ttl?: number }): void
  delete(name: string): void
  keys(): Promise<Iterable<string>>
  regenerate(): Promise<void>
  destroy(): void
}

type Made = new (options: object) => AstroSession & { [persist: symbol]: () => Promise<void> }

// As the server that Astro builds has it; it is no entry of the package.
const runtime = new URL('./node_modules/astro/dist/core/session/runtime.js', import.meta.url)
const { AstroSession, PERSIST_SYMBOL } = (await import(fileURLToPath(runtime))) as {
  AstroSession: Made
  PERSIST_SYMBOL: symbol
}

let drivers = 0

/** A visitor of a site whose sessions are kept by this driver. */
export function visitorOf(driver: AstroDriver) {
  const cookies = new Map<string, { value: string }>()
  const config = { driver: `driver ${drivers++}`, options: {} }
  const request = async <T>(page: (session: AstroSession) => Promise<T> | T): Promise<T> => {
    const session = new AstroSession({
      cookies: {
        get: (name: string) => cookies.get(name),
        set: (name: string, value: string) => void cookies.set(name, { value }),
        delete: (name: string) => void cookies.delete(name),
      },
      config,
      runtimeMode: 'production',
      driverFactory: () => driver,
    })
    try {
      return await page(session)
    } finally {
      await session[PERSIST_SYMBOL]!()
    }
  }
  const values = () =>
    request(async (session) => {
      const found: Record<string, unknown> = {}
      for (const name of await session.keys()) found[name] = await session.get(name)
      return found
    })
  return { request, values, cookies }
}
