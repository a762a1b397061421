import { withPlanted } from '../../../support/planted.ts'
import type { OpenStore } from '../execution.ts'
import type { Fault } from './fault.ts'

const STORE = 'stores/file/file-store.ts'

/** The store with a fault planted: over a directory that is ready, and from its start on. */
export async function withFault(
  fault: Fault,
): Promise<{ open: OpenStore; start: OpenStore; remove: () => void }> {
  const { load, remove } = await withPlanted({ ...fault, file: `stores/file/${fault.file}` }, [STORE])
  const store = await load<{ openPrepared: OpenStore; openFileStore: OpenStore }>(STORE)
  return { open: store.openPrepared, start: store.openFileStore, remove }
}
