import { defineConfig } from 'astro/config'
import driver, { sessionDriver } from 'untorn/astro'
import { memoryStore } from 'untorn/memory'

export const config = defineConfig({
  session: { driver: { entrypoint: 'untorn/astro', config: { directory: '.data', lifetime: '30d' } } },
})
export const made = driver(undefined)
export const own = () => sessionDriver({ store: memoryStore(), lifetime: '30d' })

// @ts-expect-error: a store can't be in the configuration
driver({ store: memoryStore() })
// @ts-expect-error: a length of time has a unit
sessionDriver({ lifetime: '30' })
