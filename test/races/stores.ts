import { type FileStoreOptions, fileStore } from '../../src/file.ts'
import { memoryStore } from '../../src/memory.ts'
import { expresses } from '../adapters/support/express.ts'
import { delayedStore } from '../testing/delayed-store.ts'
import { oneServer, severalProcesses } from './serve.ts'
import type { Site } from './site.ts'

/** A column of the matrix. One that needs a server of its own joins with an entry here. */
export interface Column {
  store: string
  /** At the head of its column in the table. */
  head: string
  serve(): Promise<Site>
}

const files = (durability: FileStoreOptions['durability'] & string) => (directory: string) =>
  fileStore(directory, { durability, sweepEvery: 0 })

const asynchronous = () => delayedStore(memoryStore())

const express = expresses['Express 4']!

export const columns: readonly Column[] = [
  { store: "fileStore, durability 'process'", head: 'files', serve: () => oneServer(files('process')) },
  { store: "fileStore, durability 'disk'", head: 'disk', serve: () => oneServer(files('disk')) },
  { store: 'fileStore, two server processes', head: '2 proc.', serve: () => severalProcesses(2) },
  { store: 'memoryStore', head: 'memory', serve: () => oneServer(() => memoryStore()) },
  { store: 'an asynchronous store', head: 'async', serve: () => oneServer(asynchronous) },
  { store: 'fileStore, Express 4', head: 'files/4', serve: () => oneServer(files('process'), { express }) },
  {
    store: 'an asynchronous store, Express 4',
    head: 'async/4',
    serve: () => oneServer(asynchronous, { express }),
  },
]
