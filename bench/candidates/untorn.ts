// One place for what the bench takes of the package, by its own name: from dist/, as it ships.
export { createSessions, sessionKey } from 'untorn'
export { fileStore } from 'untorn/file'
export { memoryStore } from 'untorn/memory'
