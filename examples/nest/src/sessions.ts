import { join } from 'node:path'
import { createSessions } from 'untorn'
import { fileStore } from 'untorn/file'
import type { Stall } from './stall.js'

export const sessions = createSessions<Stall>({
  store: fileStore(join(import.meta.dirname, '..', '.sessions')),
})
