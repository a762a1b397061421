// Asks once for a value, says when its function runs, and never comes to an end: directory, Cookie header, timeout.
import { createSessions, type OnceOptions } from 'untorn'
import { fileStore } from 'untorn/file'

const [directory, cookie, timeout] = process.argv.slice(2) as [
  string,
  string,
  OnceOptions['timeout'] & string,
]
const sessions = createSessions({ store: fileStore(directory, { sweepEvery: 0 }) })
const session = await sessions.open(cookie)
process.stdin.resume()
await session.once(
  'token',
  () => {
    console.log('running')
    return new Promise<string>(() => {})
  },
  { timeout },
)
