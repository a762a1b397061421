import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { OpenStore } from '../execution.ts'
import type { Fault } from './list.ts'

const SOURCES = fileURLToPath(new URL('../../../src/', import.meta.url))

/** The store with a fault planted in a copy of its sources: over a directory that is ready, and from its start on. */
export async function withFault(
  fault: Fault,
): Promise<{ open: OpenStore; start: OpenStore; remove: () => void }> {
  const copy = mkdtempSync(join(tmpdir(), 'untorn-fault-'))
  const remove = (): void => rmSync(copy, { recursive: true, force: true })
  try {
    cpSync(SOURCES, copy, { recursive: true })
    // The nearest package says that these are modules.
    writeFileSync(join(copy, 'package.json'), '{ "type": "module" }')
    plant(join(copy, 'stores/file', fault.file), fault)
    const store: { openPrepared: OpenStore; openFileStore: OpenStore } = await import(
      /* @vite-ignore */ pathToFileURL(join(copy, 'stores/file/file-store.ts')).href
    )
    return { open: store.openPrepared, start: store.openFileStore, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function plant(path: string, { name, also, ...first }: Fault): void {
  for (const { replace, by } of also ? [first, also] : [first]) replaceOnce(path, replace, by, name)
}

function replaceOnce(path: string, replace: string, by: string, name: string): void {
  const source = readFileSync(path, 'utf8')
  if (source.split(replace).length !== 2) {
    throw new Error(`"${name}" has no place in ${path} any more: "${replace}" has to stand there once.`)
  }
  writeFileSync(
    path,
    source.replace(replace, () => by),
  )
}
