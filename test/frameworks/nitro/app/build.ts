import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, createNitro, prepare } from 'nitro/builder'
import { BuiltNitro } from '../../../support/built-nitro.ts'
import type { NitroSite } from './site.ts'

const here = dirname(fileURLToPath(import.meta.url))

/** The application of this folder as `nitro build` of Nitro 3 makes it, with untorn as it ships. */
export function nitroApp(): BuiltNitro<NitroSite> {
  return new BuiltNitro(async ({ built, work }) => {
    const nitro = await createNitro({
      rootDir: here,
      serverDir: '.',
      preset: 'node-middleware',
      output: { dir: built },
      buildDir: work,
      compatibilityDate: '2025-01-01',
      logLevel: 1,
      sourcemap: false,
      alias: { 'untorn/h3': fileURLToPath(new URL('../../../../dist/h3.js', import.meta.url)) },
    })
    await prepare(nitro)
    await build(nitro)
    await nitro.close()
  }, 'middleware')
}
