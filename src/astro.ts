import { type AstroDriver, astroDriver } from './adapters/astro/driver.ts'
import type { UnstorageOptions } from './adapters/unstorage/options.ts'
import { asOptions } from './options/checks.ts'
import type { Duration } from './options/duration.ts'
import { defaultStore } from './stores/file/default-store.ts'
import { fileStore } from './stores/file/file-store.ts'

export type { AstroDriver } from './adapters/astro/driver.ts'
export type { SocketOptions } from './adapters/kept/options.ts'
export type { UnstorageOptions } from './adapters/unstorage/options.ts'

/** What `session.driver.config` of Astro's configuration may say. It is written into the build: a store can't be among it. */
export interface AstroConfig {
  /** The name of this application, where several keep sessions in one directory. Default: `'astro'`. */
  app?: string | undefined
  /** The directory of the sessions. Default: `.sessions` below the working directory. */
  directory?: string | undefined
  /** How long a session lives without being changed. Default: without end, as Astro asks no driver to end one. */
  lifetime?: Duration | undefined
}

/**
 * Astro's sessions in files that are never read half written, and from which no other request's change is lost.
 *
 * ```ts
 * export default defineConfig({
 *   session: { driver: { entrypoint: 'untorn/astro', config: { lifetime: '30d' } } },
 * })
 * ```
 *
 * Of a session only what was changed since it was read is saved, value by value, while it still is there. Requests of one session that
 * overlap are exact over a server of Node.js, and where the server has them answered by {@link sessionDriver}'s `within`. Elsewhere
 * what this process has read last is what a change is told from. Throws `InvalidOptionError`
 * (`UNTORN_INVALID_OPTION`), and `StoreConfigError` for a directory that can't be used.
 */
function driver(config: AstroConfig = {}): AstroDriver {
  const { directory, ...options } = asOptions(config, ['app', 'directory', 'lifetime'])
  const store = directory === undefined ? undefined : fileStore(directory as string)
  return astroDriver({ store, ...options }, defaultStore)
}

// For those to whom `require` gives the driver.
driver.default = driver
driver.sessionDriver = sessionDriver

// The second name is what `require` gives; the ES module has the other names as well.
export { driver as default, driver as 'module.exports' }

/** The same over any store of untorn's, for an entrypoint of your own: `export default () => sessionDriver({ store })`. */
export function sessionDriver(options: UnstorageOptions = {}): AstroDriver {
  return astroDriver(options, defaultStore)
}
