import { Router } from 'express'
import { bareHandlers, raceHandlers } from './handlers.ts'
import { memoryStore, sessionFiles, untornFiles } from './libraries.ts'
import { Overlap } from './overlap.ts'

export interface Contestant {
  /** Where its handlers are mounted, under /race/. */
  readonly path: string
  readonly name: string
  readonly store: string
}

export interface Contestants {
  /** The handlers of all, each at its path. */
  readonly router: Router
  readonly list: readonly Contestant[]
  /** The same requests without sessions. */
  readonly bare: Contestant
  readonly overlap: Overlap
  close(): Promise<void>
}

export function createContestants(folder: string): Contestants {
  const router = Router()
  const overlap = new Overlap()
  const enter = (path: string, name: string, store: string, handlers: Router): Contestant => {
    router.use(`/${path}/set`, overlap.count)
    router.use(`/${path}`, handlers)
    return { path, name, store }
  }

  const untorn = untornFiles(folder)
  const list = [
    enter('untorn', 'untorn', 'files', raceHandlers(untorn)),
    enter('memory', 'express-session', 'MemoryStore', raceHandlers(memoryStore())),
    enter('file', 'express-session', 'session-file-store', raceHandlers(sessionFiles(folder))),
  ]
  const bare = enter('bare', 'no sessions', 'to compare', bareHandlers())
  return { router, list, bare, overlap, close: async () => untorn.close() }
}
