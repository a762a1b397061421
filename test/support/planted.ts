import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url))

/** A change of the sources that takes a step away which something depends on. */
export interface PlantedFault {
  /** What the library then does. */
  readonly name: string
  /** Below `src/`, or the folder that is named in its place. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly replace: string
  readonly by: string
  /** A second place in the same file, where two steps guard the same promise. */
  readonly also?: { readonly replace: string; readonly by: string }
}

/**
 * Modules of the library, by their files below `src/`, in which a fault is planted; the sources stay as they are. `sources`: the
 * folder that stands in its place.
 */
export async function withPlanted(
  fault: PlantedFault,
  files: readonly string[],
  sources = SOURCES,
): Promise<{ load: <Module>(file: string) => Promise<Module>; remove: () => void }> {
  const built = mkdtempSync(join(tmpdir(), 'untorn-fault-'))
  const remove = (): void => rmSync(built, { recursive: true, force: true })
  try {
    await build({
      entryPoints: files.map((file) => join(sources, file)),
      outbase: sources,
      outdir: built,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      plugins: [planting(fault, sources)],
    })
  } catch (error) {
    remove()
    throw error
  }
  const load = (file: string) => import(pathToFileURL(join(built, file.replace(/\.ts$/, '.mjs'))).href)
  return { load, remove }
}

function planting({ name, file, replace, by, also }: PlantedFault, sources: string): Plugin {
  const path = join(sources, file)
  const places = [{ replace, by }, ...(also ? [also] : [])]
  return {
    name: 'planting',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, (loaded) => {
        if (loaded.path !== path) return undefined
        let contents = readFileSync(path, 'utf8')
        for (const place of places) {
          if (contents.split(place.replace).length !== 2) {
            throw new Error(
              `"${name}" has no place in ${file} any more: "${place.replace}" has to stand there once.`,
            )
          }
          contents = contents.replace(place.replace, () => place.by)
        }
        return { contents, loader: 'ts' }
      })
    },
  }
}
