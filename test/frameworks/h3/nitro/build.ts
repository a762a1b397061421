import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, createNitro, prepare } from 'nitropack'
import { BuiltNitro } from '../../../support/built-nitro.ts'
import type { NitroSite } from './site.ts'

const here = dirname(fileURLToPath(import.meta.url))

/** The application of this folder as `nitro build` of Nitro 2 makes it, with untorn as it ships. */
export function nitroApp(): BuiltNitro<NitroSite> {
  return new BuiltNitro(async ({ built, work }) => {
    const nitro = await createNitro({
      rootDir: here,
      srcDir: '.',
      preset: 'node-listener',
      output: { dir: built },
      buildDir: work,
      compatibilityDate: '2025-01-01',
      logLevel: 1,
      sourceMap: false,
      typescript: { generateTsConfig: false },
      // What an application has in its node_modules, and nobody looks into for imports to add.
      imports: false,
      alias: {
        h3: join(here, '..', 'node_modules', 'h3v1', 'dist', 'index.mjs'),
        'untorn/h3': fileURLToPath(new URL('../../../../dist/h3.js', import.meta.url)),
      },
    })
    await prepare(nitro)
    await build(nitro)
    await nitro.close()
  }, 'listener')
}
