// Listens for the end of a session, and has nothing else to do: directory.
import { createSessions } from 'untorn'
import { fileStore } from 'untorn/file'

const [directory] = process.argv.slice(2) as [string]
const sessions = createSessions({ store: fileStore(directory, { sweepEvery: 0 }) })
const session = await sessions.open(undefined)
await session.begin()
session.onEnd(() => {})
console.log('listening')
