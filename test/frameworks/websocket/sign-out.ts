// A process of its own that signs out whose cookie it is given, from a directory.
import { createSessions } from 'untorn'
import { fileStore } from 'untorn/file'

const [folder, cookie] = process.argv.slice(2) as [string, string]
const sessions = createSessions({ store: fileStore(folder) })
const session = await sessions.open(cookie, { secure: false })
await session.logout()
await sessions.close()
